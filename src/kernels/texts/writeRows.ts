export default import.meta.glob<string>(['./lib/{rowAngle,rowStore}/*.wgsl', './writeRows/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
