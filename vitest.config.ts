import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'gpu',
          include: ['test/gpu/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          // Files of one worker share its devices. A few run side by side, since shaders are compiled by one core each.
          isolate: false,
          maxWorkers: 4,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
