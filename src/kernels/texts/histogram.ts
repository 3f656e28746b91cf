export default import.meta.glob<string>(['./histogram/*.wgsl', './lib/bin/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
