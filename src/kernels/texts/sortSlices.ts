// What joins slabs that are sorted each on its own.
export default import.meta.glob<string>(['./sort/{rank,place}.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
