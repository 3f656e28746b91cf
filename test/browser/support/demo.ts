import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright';
import { preview, type PreviewServer } from 'vite';
import { launchOptions } from './chromium.ts';

const root = join(import.meta.dirname, '../../..');
const configFile = join(root, 'demo/vite.config.ts');

/** Where the built page is. */
export const builtDemo = join(root, 'demo/dist');

/** Where the tests leave pictures of the page. */
export const pictures = join(root, '.cache/demo');

/** The page as `npm run build:demo` makes it, on a static server. */
export async function serveBuiltDemo(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  // A process of its own: the tests' NODE_ENV would make a development build.
  await promisify(execFile)(process.execPath, [vite, 'build', '--config', configFile], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const server: PreviewServer = await preview({
    configFile,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0 },
  });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

export function launch(options: { readonly webgpu: boolean }): Promise<Browser> {
  return chromium.launch(launchOptions(options));
}

/** For a page on a software adapter, on a machine that is busy with other tests. */
const LONGEST_WAIT_MS = 110_000;

/** A page that remembers what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console and exceptions that nobody caught. */
  readonly errors: string[];
}

/** Opens the page and waits until it has looked for a GPU. `before` runs in the page before its own scripts. */
export async function openDemo(
  browser: Browser,
  url: string,
  options: {
    readonly before?: () => void;
    readonly width?: number;
  } = {},
): Promise<WatchedPage> {
  const { before, width = 1280 } = options;
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.setDefaultTimeout(LONGEST_WAIT_MS);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  if (before) await page.addInitScript(before);
  await page.goto(url);
  await page.getByRole('status').getByText('Ready.').waitFor();
  return { page, errors };
}
