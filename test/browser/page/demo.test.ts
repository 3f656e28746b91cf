// The demo page as it is published, in a real Chromium on its software adapter, and in one without WebGPU.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rememberDevice, removeWebGpu, spoilFirstResult } from '../support/hooks.ts';
import { builtDemo, launch, openDemo, pictures, serveBuiltDemo } from '../support/demo.ts';

let server: Awaited<ReturnType<typeof serveBuiltDemo>>;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [server, browser] = await Promise.all([serveBuiltDemo(), launch({ webgpu: true })]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

const results = (page: Page): Locator => page.getByRole('table', { name: 'Results' });
const estimates = (page: Page): Locator => page.getByRole('table', { name: 'Instance types' });
const status = (page: Page): Locator => page.getByRole('status');

/** Texts of the rows below a table's heading, by the labels of their cells. */
async function rowsOf(table: Locator): Promise<Record<string, string>[]> {
  return table.locator('tr.row:not(.blank)').evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.querySelectorAll('td')];
      return Object.fromEntries(cells.map((cell) => [cell.dataset['label'], cell.innerText.trim()]));
    }),
  );
}

/** Starts a run and waits for its end. */
async function runAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run/ }).click();
  await status(page).getByText(/^Done/).waitFor();
}

/** Pictures of a page after a run: light, dark, and as narrow as a small phone. */
async function takePictures(page: Page): Promise<void> {
  const take = (name: string): Promise<unknown> =>
    page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  await take('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const wide = page.viewportSize()!;
  await page.setViewportSize({ ...wide, width: 360 });
  await take('narrow');
  await page.setViewportSize(wide);
}

const isFocused = (node: Element): boolean => node === node.ownerDocument.activeElement;

/** What had to move on the screen, without the visitor's doing, as browsers score it. */
async function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let total = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            total += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(total), 200);
      }),
  );
}

describe('on a GPU', () => {
  it('runs every row to the end, and every result is right', async () => {
    const { page, errors } = await openDemo(browser, server.url);
    await expect(page.locator('.gpu').innerText()).resolves.toMatch(/swiftshader/i);
    await expect(page.getByText('no half precision').innerText()).resolves.toMatch(/no f16 rows/);
    await runAll(page);
    await expect(status(page).innerText()).resolves.toBe('Done: all 10 results are right.');
    const rows = await rowsOf(results(page));
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      expect(row['Checked']).toBe('OK');
      expect(row['Type']).toBe('f32');
      expect(row['Kernel']).toMatch(/^(matmul|attention|reduction|softmax)\/\w+$/);
      expect(row['Time']).toMatch(/^[\d.,]+ (ns|µs|ms|s)$/);
      expect(row['Throughput']).toMatch(/^[\d.,]+ ([MGT]FLOP|[MGT]B)\/s$/);
    }
    expect(await layoutShift(page)).toBeLessThan(0.05);
    await estimates(page).getByText('datasheet only').first().waitFor();
    await takePictures(page);
    await results(page).locator('summary').first().click();
    await expect(results(page).locator('details').first().innerText()).resolves.toMatch(
      /Chosen because[^]*Compared\s+all 65,536 elements[^]*Timed\s+median of/,
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says that the times of a processor are not those of a GPU', async () => {
    const { page } = await openDemo(browser, server.url);
    await expect(page.locator('[data-kind=software]').innerText()).resolves.toMatch(
      /its times say nothing of any GPU/,
    );
    await expect(results(page).getByText('GPU time').count()).resolves.toBe(0);
    await page.close();
  });

  it('shows a wrong result as wrong, without a time, and goes on', async () => {
    const { page, errors } = await openDemo(browser, server.url, {
      before: spoilFirstResult,
    });
    await page.getByRole('button', { name: 'Run' }).click();
    await status(page).getByText('3 of 10').waitFor();
    const [first, second] = await rowsOf(results(page));
    expect(first).toMatchObject({ Checked: 'WRONG', Time: '–', Throughput: '–' });
    expect(second).toMatchObject({ Checked: 'OK' });
    await expect(results(page).locator('tr.fault').innerText()).resolves.toMatch(
      /^element 4321 is -?[\d.]+, the CPU path gives -?[\d.]+$/,
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  it('survives the loss of the device, and runs again on a new one', async () => {
    const { page, errors } = await openDemo(browser, server.url, {
      before: rememberDevice,
    });
    await page.getByRole('button', { name: 'Run' }).click();
    await status(page).getByText('2 of 10').waitFor();
    await page.evaluate(() => (globalThis as unknown as { lastDevice: GPUDevice }).lastDevice.destroy());
    await expect(page.getByRole('alert').innerText()).resolves.toMatch(/device was lost/);
    await expect(status(page).innerText()).resolves.toBe('The run ended: the GPU was lost.');
    expect((await rowsOf(results(page)))[0]).toMatchObject({ Checked: 'OK' });
    await page.screenshot({ path: join(pictures, 'lost.png') });
    await page.getByRole('button', { name: 'Open the GPU again' }).click();
    await status(page).getByText('Ready.').waitFor();
    await page.getByRole('button', { name: 'Run' }).click();
    await status(page).getByText('2 of 10').waitFor();
    expect((await rowsOf(results(page)))[0]).toMatchObject({ Checked: 'OK' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('starts and stops by keyboard', async () => {
    const { page, errors } = await openDemo(browser, server.url);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await status(page).getByText('1 of 10').waitFor();
    await expect(page.getByRole('button', { name: 'Stop' }).evaluate(isFocused)).resolves.toBe(true);
    await page.keyboard.press('Enter');
    await status(page)
      .getByText(/^Stopped after \d+ of 10/)
      .waitFor();
    await expect(page.getByRole('button', { name: 'Run again' }).isEnabled()).resolves.toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('fits a narrow screen, on which nothing moves by itself', async () => {
    const { page } = await openDemo(browser, server.url, { width: 360 });
    expect(await layoutShift(page)).toBeLessThan(0.05);
    await estimates(page).scrollIntoViewIfNeeded();
    await estimates(page).getByText('datasheet only').first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const overflowing = page
      .locator('tr.row')
      .evaluateAll((rows) =>
        rows.filter((row) => row.scrollHeight > row.clientHeight + 1).map((row) => row.textContent),
      );
    await expect(overflowing).resolves.toEqual([]);
    await page.close();
  });
});

describe('without WebGPU', () => {
  let plain: Browser;
  beforeAll(async () => {
    plain = await launch({ webgpu: false });
  });
  afterAll(() => plain.close());

  it('explains that there is no adapter, and runs on the CPU path', async () => {
    const { page, errors } = await openDemo(plain, server.url);
    await expect(page.locator('[data-kind=missing]').innerText()).resolves.toMatch(
      /no WebGPU adapter was found/i,
    );
    await runAll(page);
    await expect(status(page).innerText()).resolves.toBe('Done: 10 rows on the CPU path.');
    await expect(results(page).getByRole('columnheader', { name: 'CPU time' }).count()).resolves.toBe(1);
    for (const row of await rowsOf(results(page))) {
      expect(row['Kernel']).toBe('reference');
      expect(row['Checked']).toBe('reference');
    }
    await page.screenshot({ path: join(pictures, 'without-webgpu.png'), fullPage: true });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says what a browser without navigator.gpu needs', async () => {
    const { page, errors } = await openDemo(plain, server.url, {
      before: removeWebGpu,
    });
    await expect(page.locator('[data-kind=missing]').innerText()).resolves.toMatch(/secure context/);
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe('the estimate', () => {
  it('lists the cheapest instance types, with dated prices, marked as datasheet only', async () => {
    const { page, errors } = await openDemo(browser, server.url);
    await estimates(page).scrollIntoViewIfNeeded();
    await estimates(page).getByText('datasheet only').first().waitFor();
    const rows = await rowsOf(estimates(page));
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      expect(row['Basis']).toBe('datasheet only');
      expect(row['Price an hour']).toMatch(/^\$\d+\.\d\d$/);
      expect(row['Price date']).toMatch(/^(\d{4}-\d\d-\d\d|undated)/);
      expect(row['TFLOP/s']).toMatch(/ to /);
    }
    const perDollar = rows.map((row) => Number(row['TFLOP/s per $/h']!.replaceAll(',', '')));
    expect(perDollar).toEqual([...perDollar].sort((a, b) => b - a));

    await page.getByLabel('Workload').selectOption('Matrix product, next token');
    await page.getByLabel('Provider').selectOption('aws');
    await estimates(page).getByRole('columnheader', { name: 'GB/s per $/h' }).waitFor();
    await expect.poll(async () => (await rowsOf(estimates(page)))[0]?.['GB/s']).toMatch(/ to /);
    const providers = await estimates(page).locator('.provider').allInnerTexts();
    expect(new Set(providers)).toEqual(new Set(['aws']));
    expect(errors).toEqual([]);
    await page.close();
  });

  it('is loaded only when it is needed, and the first script is small', () => {
    const scripts = readdirSync(join(builtDemo, 'assets')).filter((name) => name.endsWith('.js'));
    const page = readFileSync(join(builtDemo, 'index.html'), 'utf8');
    const first = scripts.filter((name) => page.includes(name));
    expect(first).toHaveLength(1);
    expect(scripts.some((name) => name.startsWith('estimate'))).toBe(true);
    expect(gzipSync(readFileSync(join(builtDemo, 'assets', first[0]!))).length).toBeLessThan(150_000);
  });
});
