// What products on tensor cores need further.
export default import.meta.glob<string>(
  [
    './lib/halvesB/{eight,four,one}.wgsl',
    './lib/share/{rest,split}.wgsl',
    './lib/stagedQuad/halves.wgsl',
    './lib/{exponents,notSplit}.wgsl',
    './lib/{halvesA,matrixA,matrixB}/*.wgsl',
    './matmul/{split,subgroupMatrix}.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
