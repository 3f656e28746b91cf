import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import demo from './demo/vite.config.ts';
import { launchOptions } from './test/browser/support/chromium.ts';

/** Tests in a real Chromium: `library` runs inside the browser, `page` drives the demo from outside. */
export default defineConfig({
  test: {
    projects: [
      {
        ...(demo.resolve && { resolve: demo.resolve }),
        test: {
          name: 'page',
          // By itself, since it measures how long a page takes.
          sequence: { groupOrder: 0 },
          globalSetup: ['./test/browser/support/chromium.ts', './test/browser/support/demoServer.ts'],
          include: ['test/browser/page/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Found only when a test imports it, it would make Vite start over in the middle of the run.
        optimizeDeps: { include: ['idb'] },
        test: {
          name: 'library',
          sequence: { groupOrder: 1 },
          setupFiles: 'test/support/loaded.ts',
          globalSetup: './test/browser/support/chromium.ts',
          include: ['test/browser/library/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions({ webgpu: true }) }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
