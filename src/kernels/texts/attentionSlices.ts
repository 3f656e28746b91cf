// What joins results of several sets of keys, and gradients of several sets of queries.
export default import.meta.glob<string>(['./attention/combine.wgsl', './attentionBackward/rounded.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
