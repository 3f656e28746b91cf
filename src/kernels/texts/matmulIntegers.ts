// What products of integers need further.
export default import.meta.glob<string>(
  [
    './lib/transposeBytes.wgsl',
    './lib/{addLines,blockProducts,dot8,elementA,elementB,stagedQuad}/bytes.wgsl',
    './lib/{operandA,operandB}/{byteEights,byteFours,bytes}.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
