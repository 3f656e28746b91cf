// Attention on tensor cores.
export default import.meta.glob<string>(['./attention/flashMatrix.wgsl', './lib/notFinite.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
