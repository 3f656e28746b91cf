export default import.meta.glob<string>(['./lib/{sortSource,sorted}/*.wgsl', './sort/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
