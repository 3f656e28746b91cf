import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchOptions } from '../browser/support/chromium.ts';
import { makeConsumer, type Consumer } from './support/consumer.ts';

const root = join(import.meta.dirname, '../..');

let project: Consumer;
beforeAll(async () => {
  project = await makeConsumer();
  cpSync(join(root, 'examples'), project.folder, { recursive: true });
});
afterAll(() => project.dispose());

const run = (file: string): Promise<string> =>
  project.node(readFileSync(join(root, 'examples', file), 'utf8'), file);

describe('in Node', () => {
  it('matmul', async () => {
    expect(await run('matmul.js')).toMatch(
      /matmul\/\w+: .*\nc \[64, 48\], its first row begins with 0\.1858 25\.5836/,
    );
  });

  it('embeddingsSearch', async () => {
    const [query, best] = (await run('embeddingsSearch.js')).split('\n');
    expect(query).toBe('how fast can memory be read');
    expect(best).toMatch(/^0\.\d+ {2}Reading memory in order is faster/);
  });

  it('train', async () => {
    const lines = (await run('train.js')).trim().split('\n');
    const losses = lines.map((line) => Number(/loss ([\d.]+)/.exec(line)?.[1]));
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(lines.at(-1)).toMatch(/100 % right$/);
  });
});

/** What headless Chromium needs to show what a software adapter draws; without it the GPU process ends at the first frame. */
const DRAWING = [
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--use-vulkan=swiftshader',
  '--enable-features=Vulkan',
];

describe('in a browser', () => {
  async function open(name: string, check: (page: Page) => Promise<void>): Promise<void> {
    const folder = join(project.folder, name);
    await build({ root: folder, configFile: false, logLevel: 'error', build: { target: 'esnext' } });
    const server = await preview({
      root: folder,
      configFile: false,
      logLevel: 'error',
      preview: { port: 0 },
    });
    const options = launchOptions({ webgpu: true });
    const browser = await chromium.launch({ ...options, args: [...options.args!, ...DRAWING] });
    try {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(server.resolvedUrls!.local[0]!);
      await check(page).catch((error: Error) => errors.push(error.message));
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  }

  it('browser', async () => {
    await open('browser', async (page) => {
      await page.waitForFunction(() => document.querySelector('#output')!.textContent !== '…');
      expect(await page.textContent('#output')).toMatch(/^matmul\/\w+: 7 10 15 22$/);
    });
  });

  it('threejs', async () => {
    symlinkSync(join(root, 'node_modules/three'), join(project.folder, 'node_modules/three'));
    await open('threejs', async (page) => {
      await page.waitForFunction(() => Number(document.body.dataset['frame']) > 3);
      if (process.env['PICTURES'])
        await page.screenshot({ path: join(process.env['PICTURES'], 'threejs.png') });
    });
  });
});
