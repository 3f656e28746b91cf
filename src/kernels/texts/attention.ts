// Attention but for tensor cores, and what its backward pass shares with it.
export default import.meta.glob<string>(
  [
    './attention/*.wgsl',
    '!./attention/{combine,flashMatrix}.wgsl',
    './lib/{absent,keyValue,logSumExp,queryVector,scoreBias,scoreMask,sequence,sink,smallInput}/*.wgsl',
    '!./lib/smallInput/blockTable.wgsl',
  ],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
