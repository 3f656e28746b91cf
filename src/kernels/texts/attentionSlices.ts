// What joins attention to several sets of keys.
export default import.meta.glob<string>(['./attention/combine.wgsl'], {
  base: '../../../shaders',
  query: '?raw',
  import: 'default',
  eager: true,
});
