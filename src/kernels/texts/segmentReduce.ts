export default import.meta.glob<string>(['./segmentReduce/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
