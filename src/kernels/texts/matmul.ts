// Products of floats without tensor cores.
export default import.meta.glob<string>(
  [
    './lib/pieceB/plain.wgsl',
    './lib/share/all.wgsl',
    './lib/{addLines,blockProducts,dot8}/floats.wgsl',
    './lib/{addend,bias,block,columns,emit,residual,result,scaleA,scaleB,tile}/*.wgsl',
    './lib/{elementA,elementB}/{pairs,plain}.wgsl',
    './lib/{operandA,operandB}/{elements,halves,quads,vec4}.wgsl',
    './lib/{remaining,tileOrder}.wgsl',
    './matmul/*.wgsl',
    '!./matmul/{split,subgroupMatrix}.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
