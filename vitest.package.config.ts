import { defineConfig } from 'vitest/config';

/** What users install: run after `npm run build`. */
export default defineConfig({
  test: {
    name: 'package',
    include: ['test/package/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
