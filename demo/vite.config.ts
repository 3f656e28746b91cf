import { defineConfig } from 'vite';

const here = import.meta.dirname;

/** The demo page: served by `npm run demo`, made into static files for any host, at any path, by `npm run build:demo`. */
export default defineConfig({
  root: here,
  base: './',
  resolve: {
    // The package by its published names, from the sources beside it.
    alias: [
      { find: /^tilewise$/, replacement: `${here}/../src/index.ts` },
      { find: /^tilewise\/kernels$/, replacement: `${here}/../src/kernelPlans.ts` },
      { find: /^tilewise\/ceilings$/, replacement: `${here}/../src/ceilings.ts` },
      { find: /^tilewise\/tune$/, replacement: `${here}/../bench/tune/index.ts` },
      { find: /^tilewise\/plan$/, replacement: `${here}/../bench/plan/index.ts` },
      { find: /^tilewise\/estimate$/, replacement: `${here}/../bench/estimate/index.ts` },
    ],
  },
  server: { fs: { allow: [`${here}/..`] } },
  worker: { format: 'es' },
  build: { target: 'es2022', outDir: `${here}/dist`, emptyOutDir: true },
});
