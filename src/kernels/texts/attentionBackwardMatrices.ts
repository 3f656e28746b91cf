// Gradients of attention on tensor cores.
export default import.meta.glob<string>(['./attentionBackward/matrix*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
