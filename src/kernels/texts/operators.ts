// Operators of reductions, scans and segments, and orders.
export default import.meta.glob<string>(
  [
    './lib/reduce/{all,any,argExtreme,custom,exactSum,extreme,logSumExp,moments,product,sum,sumAbs,sumSquare}.wgsl',
    './lib/{exactResult,finish,order}/*.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
