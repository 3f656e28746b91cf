import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';
import { pictures, root } from './demo.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the page as `npm run build:demo` makes it, on a static server. */
    demoUrl: string;
  }
}

const configFile = join(root, 'demo/vite.config.ts');

/** Builds the page once for all tests, and serves it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  mkdirSync(pictures, { recursive: true });
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // A process of its own: the tests' NODE_ENV would make a development build.
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', configFile], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const server = await preview({
    configFile,
    // As on a host that serves other pages too.
    base: '/some/path/',
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0 },
  });
  project.provide('demoUrl', server.resolvedUrls!.local[0]!);
  return () => server.close();
}
