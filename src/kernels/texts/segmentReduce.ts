export default import.meta.glob<string>(['./lib/segmentStretch/*.wgsl', './segmentReduce/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
