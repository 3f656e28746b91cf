export default import.meta.glob<string>(['./ceiling/*.wgsl', './lib/advance/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
