import { defineConfig } from 'vite';
import { wgslText } from './scripts/wgslText.mjs';

/**
 * The `tilewise` command as one file. Everything that it uses is bundled, so that the published package
 * needs no further dependency; Dawn alone stays outside, because it is a native module.
 */
export default defineConfig({
  plugins: [wgslText()],
  build: {
    ssr: 'bench/cli.ts',
    target: 'node20',
    minify: false,
    emptyOutDir: false,
    rolldownOptions: {
      external: ['webgpu'],
      output: { entryFileNames: 'cli.js', codeSplitting: false, banner: '#!/usr/bin/env node' },
    },
  },
  ssr: { noExternal: true, external: ['webgpu'] },
});
