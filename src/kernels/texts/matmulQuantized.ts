// What products with quantised weights need further.
export default import.meta.glob<string>(
  [
    './lib/{decodeByte4,scaleBlock,weights,zeroOf}/*.wgsl',
    './lib/{elementB,halvesB,operandB,pieceB}/blocks.wgsl',
    './lib/{integersFrom,scaleOf}.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
