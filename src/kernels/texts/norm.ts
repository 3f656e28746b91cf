export default import.meta.glob<string>(
  [
    './lib/{affine,quadResidual,residualSum,rowMoments,rowPositions}/*.wgsl',
    './lib/normItem.wgsl',
    './norm/*.wgsl',
  ],
  {
    base: '../../../shaders',
    query: '?raw',
    import: 'default',
    eager: true,
  },
);
