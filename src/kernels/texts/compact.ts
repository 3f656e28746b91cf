export default import.meta.glob<string>(['./compact/*.wgsl', './lib/compacted/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
