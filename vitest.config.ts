import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The demo's modules import the package by its name. */
const resolve = {
  alias: [{ find: /^tilewise$/, replacement: join(import.meta.dirname, 'src/node.ts') }],
};

export default defineConfig({
  test: {
    projects: [
      // Tables are compared as plain text, also where a machine that tests asks for colours.
      {
        resolve,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: 'test/support/loaded.ts',
          env: { NO_COLOR: '1' },
          // Style sheets that are imported as text are empty otherwise.
          css: true,
          // Thousands of random problems take their time on a slow or busy machine.
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: 'gpu',
          setupFiles: 'test/support/loaded.ts',
          include: ['test/gpu/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          // Files of one worker share its devices. Two run side by side, since one core compiles shaders.
          isolate: false,
          maxWorkers: 2,
          // After the unit tests.
          sequence: { groupOrder: 1 },
          // A busy processor may compile a shader of tensor cores for minutes.
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
