// The look into a kernel, on the page as it is published.
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.ts';
import { launch, openDemo, rowsOf, takePictures } from '../support/demo.ts';
import { loseDevice, rememberDevice } from '../support/hooks.ts';

let browser: Browser;
let plain: Browser;
beforeAll(async () => {
  [browser, plain] = await Promise.all([launch({ webgpu: true }), launch({ webgpu: false })]);
});
afterAll(() => Promise.all([browser.close(), plain.close()]));

const attempts = (page: Page): Locator => page.getByRole('table', { name: 'What was tried' });
const text = (page: Page): Locator => page.getByRole('region', { name: 'Text of the shader' }).first();

describe('on a GPU', () => {
  it('shows a kernel, fills its constants in as the sliders move, and times what was set', async () => {
    const { page, errors } = await openDemo(
      browser,
      '/kernels?op=matmul&sizes=96x64x128&kernel=matmul%2Ftiled',
    );
    await page.getByRole('heading', { name: 'matmul/tiled' }).waitFor();
    await expect(text(page).innerText()).resolves.toMatch(/^const TILE_M: u32 = \d+u;$/m);

    const tileM = page.getByRole('slider', { name: 'tileM' });
    const before = await tileM.getAttribute('aria-valuetext');
    await tileM.press(before === '32' ? 'ArrowRight' : 'Home');
    await expect.poll(() => tileM.getAttribute('aria-valuetext')).not.toBe(before);
    const value = await tileM.getAttribute('aria-valuetext');
    await expect.poll(() => text(page).innerText()).toContain(`const TILE_M: u32 = ${value}u;`);
    expect(page.url()).toContain(`tileM%3A${value}`);

    await page.getByRole('button', { name: 'Run and check' }).click();
    await attempts(page).locator('tr.row').first().waitFor();
    await page.getByRole('button', { name: 'Try all values of tileK' }).click();
    await attempts(page).locator('tr.row').nth(1).waitFor();
    await page.getByRole('button', { name: 'Run and check' }).waitFor();
    const rows = await rowsOf(attempts(page));
    for (const row of rows) {
      expect(row['Checked']).toBe('OK');
      expect(row['Config']).toContain(`tileM ${value}`);
      expect(row['Time']).toMatch(/^[\d.,]+ (ns|µs|ms|s)$/);
    }
    expect(rows.filter((row) => row['Beside the best'] === 'best')).toHaveLength(1);
    await takePictures(page, 'kernels');
    await expect(violations(page)).resolves.toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says what is wrong with a size, and takes up a right one', async () => {
    const { page, errors } = await openDemo(browser, '/kernels');
    await text(page).waitFor();
    const m = page.getByLabel('m', { exact: true });
    await m.fill('0');
    await m.press('Tab');
    await expect(page.getByRole('alert').innerText()).resolves.toBe(
      'm: a whole number from 1 to 16384 is needed.',
    );
    await m.fill('1');
    await m.press('Tab');
    await page.getByRole('heading', { name: 'matmul/vectorDot' }).waitFor();
    await page.getByLabel('Operation').selectOption('Softmax of each row');
    await page.getByRole('heading', { name: 'softmax/' }).waitFor();
    expect(page.url()).toContain('op=softmax');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('tunes a problem until it is stopped, goes on from there, and chooses by the record from then on', async () => {
    const { page, errors } = await openDemo(
      browser,
      '/kernels?op=softmax&sizes=64x512&kernel=softmax%2Fnaive',
    );
    const tuning = page.getByRole('region', { name: 'Tune it' });
    const said = (text: RegExp): Promise<void> => tuning.getByRole('status').getByText(text).waitFor();
    const reason = page.getByRole('region', { name: 'Kernel' }).locator('dd').first();
    await page.getByRole('heading', { name: 'softmax/naive' }).waitFor();
    await tuning.getByRole('button', { name: 'Tune on my GPU' }).click();
    await said(/^Trying \d/);
    await expect(page.getByRole('button', { name: 'Run and check' }).isDisabled()).resolves.toBe(true);
    await tuning.getByRole('button', { name: 'Stop tuning' }).click();
    await said(/^Stopped/);
    await tuning.getByRole('button', { name: 'Tune on my GPU' }).click();
    await said(/^Tuned: \d+ of [\d,]+ candidates tried/);
    await tuning.getByText('Before', { exact: true }).waitFor();
    await reason.getByText(/^tuned: the record of 64 × 512.*IndexedDB/).waitFor();
    expect(page.url()).not.toContain('kernel=');
    await takePictures(page, 'tuned');
    await expect(violations(page)).resolves.toEqual([]);

    const chosen = await page.getByRole('heading', { name: /^Kernel/ }).innerText();
    await page.getByRole('button', { name: 'Run and check' }).click();
    await attempts(page).locator('tr.row').first().waitFor();
    expect((await rowsOf(attempts(page)))[0]).toMatchObject({ Checked: 'OK' });
    await page.reload();
    await reason.getByText(/^tuned: the record of 64 × 512.*IndexedDB/).waitFor();
    await expect(page.getByRole('heading', { name: /^Kernel/ }).innerText()).resolves.toBe(chosen);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('survives the loss of the device', async () => {
    const { page, errors } = await openDemo(browser, '/kernels', { before: rememberDevice });
    await text(page).waitFor();
    await page.evaluate(loseDevice);
    await page.getByRole('button', { name: 'Open the GPU again' }).click();
    await page.getByRole('button', { name: 'Run and check' }).click();
    await attempts(page).locator('tr.row').first().waitFor();
    expect((await rowsOf(attempts(page)))[0]).toMatchObject({ Checked: 'OK' });
    expect(errors).toEqual([]);
    await page.close();
  });
});

it('shows what any WebGPU device would run where there is none', async () => {
  const { page, errors } = await openDemo(plain, '/kernels?op=nonsense&sizes=-3');
  await expect(text(page).innerText()).resolves.toMatch(/^fn main\(/m);
  await expect(page.locator('[data-kind=missing]').innerText()).resolves.toMatch(
    /least device that WebGPU allows/,
  );
  await expect(page.getByRole('button', { name: 'Run and check' }).isDisabled()).resolves.toBe(true);
  expect(errors).toEqual([]);
  await page.close();
});
