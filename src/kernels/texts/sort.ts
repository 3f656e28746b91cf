// Sorts, but for what joins slabs that are sorted each on its own.
export default import.meta.glob<string>(
  ['./lib/{sortSource,sorted}/*.wgsl', './sort/*.wgsl', '!./sort/{rank,place}.wgsl'],
  { base: '../../../shaders', query: '?raw', import: 'default', eager: true },
);
