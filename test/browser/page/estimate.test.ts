// The explorer over instance types and the planner, on the page as it is published.
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.ts';
import { launch, layoutShift, openDemo, pictures, rowsOf, takePictures } from '../support/demo.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: true });
});
afterAll(() => browser.close());

const estimates = (page: Page): Locator => page.getByRole('table', { name: 'Instance types' });
const loaded = (page: Page): Promise<void> => estimates(page).getByText('datasheet only').first().waitFor();
const numberIn = (text: string | undefined): number => Number(text!.replaceAll(',', '').split(/\s/)[0]);

/** On a sheet of A4 tables are tables, assumptions can be read, and nothing asks to be pressed. */
async function expectToPrint(page: Page): Promise<void> {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.setViewportSize({ width: 794, height: 1123 });
  await expect(estimates(page).getByRole('columnheader').first().isVisible()).resolves.toBe(true);
  await expect(page.getByLabel('Billions of dollars').isVisible()).resolves.toBe(true);
  await expect(page.getByRole('button').count()).resolves.toBe(0);
  await expect(page.getByRole('navigation').count()).resolves.toBe(0);
  const [paper, widest] = await page.evaluate(() => [
    getComputedStyle(document.body).backgroundColor,
    document.documentElement.scrollWidth,
  ]);
  expect(paper).toBe('rgb(255, 255, 255)');
  expect(widest).toBeLessThanOrEqual(794);
  await page.screenshot({ path: join(pictures, 'estimate-print.png'), fullPage: true });
}

describe('the explorer', () => {
  it('lists the cheapest instance types, with dated prices, power and basis, beside a chart of all', async () => {
    const { page, errors } = await openDemo(browser, '/estimate');
    await loaded(page);
    const rows = await rowsOf(estimates(page));
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      expect(row['Basis']).toBe('datasheet only');
      expect(row['Price an hour']).toMatch(/^\$\d+\.\d\d\s*(\d{4}-\d\d-\d\d|undated)/);
      expect(row['TFLOP/s']).toMatch(/ to /);
      expect(row['Power']).toMatch(/^([\d.,]+ kW\s*[\d.,]+ GFLOP\/J|unknown)$/);
    }
    const perDollar = rows.map((row) => numberIn(row['TFLOP/s per $/h']));
    expect(perDollar).toEqual([...perDollar].sort((a, b) => b - a));
    const chart = page.getByRole('img', { name: 'Price against throughput' });
    await chart.waitFor();
    const [points, intervals] = await Promise.all([
      chart.locator('[data-mark=dot] circle').count(),
      chart.locator('[data-mark=rule] line').count(),
    ]);
    expect(points).toBeGreaterThan(100);
    expect(intervals).toBe(points);
    expect(await layoutShift(page)).toBeLessThan(0.05);
    await takePictures(page, 'estimate');
    await expect(violations(page)).resolves.toEqual([]);
    await expectToPrint(page);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('keeps what was chosen in the address, and takes it up from there', async () => {
    const { page, errors } = await openDemo(browser, '/estimate');
    await loaded(page);
    await page.getByLabel('Workload').selectOption('Llama-3.1-70B in fp8, serving requests');
    await page.getByLabel('Provider').first().selectOption('aws');
    await page.getByLabel('Order').selectOption('most work per joule');
    await estimates(page).getByRole('columnheader', { name: 'tokens/s per $/h' }).waitFor();
    const rows = await rowsOf(estimates(page));
    expect(new Set(await estimates(page).locator('.provider').allInnerTexts())).toEqual(new Set(['aws']));
    expect(page.url()).toMatch(/workload=llama-3.1-70b&provider=aws&sort=energy/);

    const shared = await openDemo(browser, page.url().split('#')[1]!);
    await loaded(shared.page);
    await expect.poll(() => rowsOf(estimates(shared.page))).toEqual(rows);
    expect([...errors, ...shared.errors]).toEqual([]);
    await shared.page.close();
    await page.close();
  });

  it('does not take a processor for a GPU to be placed among them', async () => {
    const { page, errors } = await openDemo(browser, '/estimate?workload=nonsense&budget=-1');
    await loaded(page);
    await page.getByRole('button', { name: 'Place my GPU' }).click();
    await page.getByRole('status').getByText('its time would say nothing of a GPU').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe('the planner', () => {
  it('begins with the contract of 38 billion dollars, and follows its assumptions', async () => {
    const { page, errors } = await openDemo(browser, '/estimate');
    await loaded(page);
    const accelerators = page.getByRole('region', { name: 'At list prices' }).locator('dd strong').first();
    const before = numberIn(await accelerators.innerText());
    expect(before).toBeGreaterThan(10_000);
    const budget = page.getByLabel('Billions of dollars');
    await expect(budget.inputValue()).resolves.toBe('38');
    await budget.fill('19');
    await budget.press('Tab');
    await expect.poll(async () => numberIn(await accelerators.innerText()) / before).toBeCloseTo(0.5, 3);
    expect(page.url()).toContain('budget=19000000000');

    await page.getByRole('combobox', { name: 'Instance type' }).selectOption('p5.48xlarge');
    await page.getByRole('region', { name: 'At list prices' }).getByText('p5.48xlarge').waitFor();
    const assumptions = await page
      .getByRole('table', { name: 'Which assumption matters most' })
      .locator('tr.row')
      .count();
    expect(assumptions).toBeGreaterThan(3);
    await page.getByText('What has been published').click();
    await page.getByText('OpenAI - AWS: contract value 38 USD bn').waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });
});
