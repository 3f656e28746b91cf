export default import.meta.glob<string>(['./lib/softmaxGradient/*.wgsl', './softmaxBackward/*.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
