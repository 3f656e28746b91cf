// What operations have in common: activations, ways to read rows, reductions within a workgroup.
export default import.meta.glob<string>(
  [
    './common/*.wgsl',
    './lib/smallInput/blockTable.wgsl',
    './lib/{activation,dot4,groupReduce,groupScan,keyRow,pairAccess,quad,quadStore,rowCache,widen}/*.wgsl',
    './lib/{broadcast,expOrNan,workgroupIndex}.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
