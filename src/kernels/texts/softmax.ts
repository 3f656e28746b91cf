export default import.meta.glob<string>(
  [
    './lib/reduce/softmax.wgsl',
    './lib/softmaxResult/*.wgsl',
    './lib/softmax{Quad,Stretch}.wgsl',
    './softmax/*.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
