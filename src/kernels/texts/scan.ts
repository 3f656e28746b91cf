export default import.meta.glob<string>(
  ['./lib/{carry,emitState,lines,scanSource,scanTotal,scanned}/*.wgsl', './scan/*.wgsl'],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
