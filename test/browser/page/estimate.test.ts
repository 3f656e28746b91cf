// The explorer over instance types, on the page as it is published.
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, openDemo, rowsOf } from '../support/demo.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: false });
});
afterAll(() => browser.close());

const estimates = (page: Page): Locator => page.getByRole('table', { name: 'Instance types' });

describe('the estimate', () => {
  it('lists the cheapest instance types, with dated prices, marked as datasheet only', async () => {
    const { page, errors } = await openDemo(browser, '/estimate');
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
});
