export default import.meta.glob<string>(
  ['./lib/reduce/sumPair.wgsl', './lib/{channelGradients,channelScale}/*.wgsl', './normBackward/*.wgsl'],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
