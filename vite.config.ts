import { defineConfig } from 'vite';

/** The library: `tilewise` for browsers and for Node, and `tilewise/estimate`. */
export default defineConfig({
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: {
      entry: { index: 'src/index.ts', node: 'src/node.ts', estimate: 'bench/estimate/index.ts' },
      formats: ['es'],
    },
    rolldownOptions: { external: [/^node:/, 'webgpu', '@petamoriken/float16'] },
  },
});
