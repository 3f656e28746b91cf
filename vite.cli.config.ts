import { defineConfig } from 'vite';
import { wgsl } from './scripts/wgsl.mjs';

/**
 * The `tilewise` command as one file. Everything that it uses is bundled, so that the published package
 * needs no further dependency; Dawn alone stays outside, because it is a native module.
 */
export default defineConfig({
  plugins: [wgsl()],
  build: {
    ssr: 'bench/cli.ts',
    target: 'node20',
    minify: false,
    emptyOutDir: false,
    license: { fileName: 'licenses-cli.md' },
    rolldownOptions: {
      external: ['webgpu'],
      output: { entryFileNames: 'cli.js', codeSplitting: false, banner: '#!/usr/bin/env node' },
    },
  },
  ssr: { noExternal: true, external: ['webgpu'] },
});
