// The suites on the page as it is published, in a real Chromium on its software adapter, and in one without WebGPU.
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.ts';
import { isFocused, launch, layoutShift, openDemo, pictures, rowsOf, takePictures } from '../support/demo.ts';
import {
  coarsenClock,
  loseDevice,
  rememberDevice,
  removeWebGpu,
  setHidden,
  spoilFirstResult,
} from '../support/hooks.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: true });
});
afterAll(() => browser.close());

const results = (page: Page): Locator => page.getByRole('table', { name: 'Results' });
const status = (page: Page): Locator => page.getByRole('status');

/** Waits until the page has found out what it can run. */
const ready = (page: Page): Promise<void> => status(page).getByText('Ready.').waitFor();

/** Waits until some rows of a run have their results. */
const finished = (page: Page, count: number): Promise<void> =>
  results(page)
    .locator('tr.row[data-state=gpu]')
    .nth(count - 1)
    .waitFor();

/** Starts a run and waits for its end. */
async function runAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run/ }).click();
  await status(page).getByText(/^Done/).waitFor();
}

describe('on a GPU', () => {
  it('runs every row to the end, and every result is right', async () => {
    const { page, errors } = await openDemo(browser, '/run');
    await ready(page);
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
      expect(row['Of ceiling']).toMatch(/^\d+ %\s+(read, \d+ MiB|copy, \d+ MiB|f32 multiply-add)$/);
    }
    expect(await layoutShift(page)).toBeLessThan(0.05);
    const roofline = page.getByRole('img', { name: 'Roofline' });
    await expect(roofline.locator('[data-mark=dot] path').count()).resolves.toBe(10);
    await expect(roofline.getByText(/^f32 multiply-add: [\d.,]+ [MGT]FLOP\/s$/).count()).resolves.toBe(1);
    await takePictures(page, 'run');
    await expect(violations(page)).resolves.toEqual([]);
    await results(page).locator('summary').first().click();
    await expect(results(page).locator('details').first().innerText()).resolves.toMatch(
      /Chosen because[^]*Compared\s+all 65,536 elements[^]*Timed\s+(median of|once, in a sample of)/,
    );
    await results(page).getByRole('link', { name: 'Its WGSL and parameters' }).click();
    await page.getByRole('heading', { name: 'matmul/direct' }).waitFor();
    await page.goBack();
    await expect(status(page).innerText()).resolves.toBe('Done: all 10 results are right.');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says that the times of a processor are not those of a GPU', async () => {
    const { page } = await openDemo(browser, '/run');
    await ready(page);
    await expect(page.locator('[data-kind=software]').innerText()).resolves.toMatch(
      /its times say nothing of any GPU/,
    );
    await expect(results(page).getByText('GPU time').count()).resolves.toBe(0);
    await page.close();
  });

  it('shows a wrong result as wrong, without a time, and goes on', async () => {
    const { page, errors } = await openDemo(browser, '/run', {
      before: spoilFirstResult,
    });
    await page.getByRole('button', { name: 'Run' }).click();
    await finished(page, 2);
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
    const { page, errors } = await openDemo(browser, '/run', {
      before: rememberDevice,
    });
    await page.getByRole('button', { name: 'Run' }).click();
    await finished(page, 1);
    await page.evaluate(loseDevice);
    await expect(page.getByRole('alert').innerText()).resolves.toMatch(/device was lost/);
    await expect(status(page).innerText()).resolves.toBe('The run ended: the GPU was lost.');
    expect((await rowsOf(results(page)))[0]).toMatchObject({ Checked: 'OK' });
    await page.screenshot({ path: join(pictures, 'lost.png') });
    await page.getByRole('button', { name: 'Open the GPU again' }).click();
    await status(page).getByText('Ready.').waitFor();
    await page.getByRole('button', { name: 'Run' }).click();
    await finished(page, 1);
    expect((await rowsOf(results(page)))[0]).toMatchObject({ Checked: 'OK' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('starts and stops by keyboard', async () => {
    const { page, errors } = await openDemo(browser, '/run');
    await ready(page);
    await page.getByRole('navigation').getByRole('link').last().focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Stop' }).evaluate(isFocused)).resolves.toBe(true);
    await page.keyboard.press('Enter');
    await status(page)
      .getByText(/^Stopped after \d+ of 10/)
      .waitFor();
    await expect(page.getByRole('button', { name: 'Run again' }).isEnabled()).resolves.toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('times nothing while the tab is hidden', async () => {
    const { page, errors } = await openDemo(browser, '/run');
    await ready(page);
    await page.getByRole('button', { name: 'Run' }).click();
    await finished(page, 1);
    await page.evaluate(setHidden, true);
    await status(page).getByText('timing pauses while this tab is hidden').waitFor();
    const before = await results(page).locator('tr.row[data-state=gpu]').count();
    await page.waitForTimeout(2000);
    // The row that was being timed may have had all its samples.
    const after = await results(page).locator('tr.row[data-state=gpu]').count();
    expect(after - before).toBeLessThanOrEqual(1);
    await page.evaluate(setHidden, false);
    await finished(page, after + 1);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('repeats until a sample is far longer than a step of a coarse clock', async () => {
    const { page, errors } = await openDemo(browser, '/run', { before: coarsenClock });
    await ready(page);
    await expect(page.locator('.gpu').innerText()).resolves.toMatch(/moves in steps of ([\d.]+) (µs|ms)/);
    await page.getByRole('button', { name: 'Run' }).click();
    await finished(page, 3);
    for (const row of (await rowsOf(results(page))).slice(0, 3)) {
      expect(row['Time']).toMatch(/^[1-9][\d.,]* (ns|µs|ms)$/);
    }
    const details = results(page).locator('tr.row[data-state=gpu] details').nth(2);
    await details.locator('summary').click();
    await expect(details.innerText()).resolves.toMatch(
      /Timed\s+(median of \d+ samples of|once, in a sample of) (one run|\d+ runs)/,
    );
    expect(errors).toEqual([]);
    await page.close();
  });

  it('keeps shapes small on a phone, and says so', async () => {
    const { page, errors } = await openDemo(browser, '/run', {
      width: 360,
      userAgent: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36',
    });
    await ready(page);
    await page.getByText('On a phone the shapes are small').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('fits a narrow screen, on which nothing moves by itself', async () => {
    const { page } = await openDemo(browser, '/run', { width: 360 });
    await ready(page);
    expect(await layoutShift(page)).toBeLessThan(0.05);
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
    const { page, errors } = await openDemo(plain, '/run');
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
    const { page, errors } = await openDemo(plain, '/run', {
      before: removeWebGpu,
    });
    await expect(page.locator('[data-kind=missing]').innerText()).resolves.toMatch(/secure context/);
    expect(errors).toEqual([]);
    await page.close();
  });
});
