export default import.meta.glob<string>(
  ['./lib/gridOffset.wgsl', './lib/{columnWalk,pack,span,storeResult}/*.wgsl', './reduction/*.wgsl'],
  {
    base: '../../../shaders',
    query: '?raw',
    import: 'default',
    eager: true,
  },
);
