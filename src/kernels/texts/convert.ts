// Copies, between types and of views.
export default import.meta.glob<string>(['./convert/*.wgsl', './lib/{elementX,packY}/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
