export default import.meta.glob<string>(['./lib/philox.wgsl', './lib/token/*.wgsl', './sample/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
