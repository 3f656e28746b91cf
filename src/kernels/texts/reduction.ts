export default import.meta.glob<string>(['./lib/{pack,storeResult}/*.wgsl', './reduction/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
