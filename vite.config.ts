import { defineConfig } from 'vite';
import { wgsl } from './scripts/wgsl.mjs';

/** The library: `tilewise` and `tilewise/tune`, each for browsers and for Node, `tilewise/kernels`, `tilewise/ceilings`,
 * `tilewise/estimate` and `tilewise/plan`. */
export default defineConfig({
  plugins: [wgsl()],
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    // Those of what is bundled ask for their text to go along.
    license: { fileName: 'licenses.md' },
    lib: {
      entry: {
        index: 'src/index.ts',
        node: 'src/node.ts',
        kernels: 'src/kernelPlans.ts',
        ceilings: 'src/ceilings.ts',
        plan: 'bench/plan/index.ts',
        estimate: 'bench/estimate/index.ts',
        tune: 'bench/tune/index.ts',
        tuneNode: 'bench/tune/node.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      external: [/^node:/, 'webgpu', '@petamoriken/float16'],
      // One file a module, so that an application's bundler drops whole operations that it does not import.
      output: {
        preserveModules: true,
        preserveModulesRoot: '.',
        // npm packs no folder called node_modules.
        entryFileNames: ({ name }) => `${name.replaceAll('node_modules', 'vendor')}.js`,
        // Rolldown, and so Vite, joins files that chunks share to the first one of a page in the order in which they run, as long as
        // that makes no circle: one that kernels share has to come before the tensors and errors that they import.
        banner: ({ name }) => (name === 'index' ? "import './src/wgsl/part.js';" : ''),
      },
    },
  },
});
