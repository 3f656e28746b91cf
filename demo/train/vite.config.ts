import { defineConfig } from 'vite';
import { wgsl } from '../../scripts/wgsl.mjs';

const here = import.meta.dirname;

/** `npm run train:demo`: the training program as one file for Node. */
export default defineConfig({
  root: here,
  plugins: [wgsl()],
  resolve: { alias: [{ find: /^tilewise$/, replacement: `${here}/../../src/node.ts` }] },
  build: {
    ssr: 'main.ts',
    // Beside scripts/, which it starts.
    outDir: `${here}/../../.cache`,
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    rolldownOptions: { external: ['webgpu'], output: { entryFileNames: 'train.js' } },
  },
  ssr: { noExternal: true, external: ['webgpu'] },
});
