export default import.meta.glob<string>(
  ['./attentionBackward/*.wgsl', '!./attentionBackward/{matrix*,rounded}.wgsl', './lib/statistics/*.wgsl'],
  {
    base: '../../../shaders',
    query: '?raw',
    import: 'default',
    eager: true,
  },
);
