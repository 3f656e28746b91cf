// What holds for the page as a whole, as it is published.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { VIEWS } from '../../../demo/frame/views.ts';
import { violations } from '../support/axe.ts';
import { builtDemo, isFocused, launch, openDemo } from '../support/demo.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: false });
});
afterAll(() => browser.close());

it('begins with one small script; the rest is loaded when it is needed', () => {
  const page = readFileSync(join(builtDemo, 'index.html'), 'utf8');
  const scripts = readdirSync(join(builtDemo, 'assets')).filter((name) => name.endsWith('.js'));
  const first = scripts.filter((name) => page.includes(name));
  expect(first).toHaveLength(1);
  expect(gzipSync(readFileSync(join(builtDemo, 'assets', first[0]!))).length).toBeLessThan(20_000);
  expect(scripts.length).toBeGreaterThan(VIEWS.length);
});

it('shows its first view in under two seconds, with less than 150 kB of scripts', async () => {
  const loads: Awaited<ReturnType<typeof loadOnce>>[] = [];
  // Other tests take the processor's time from some of the loads: the quickest tells what the page itself needs.
  for (let load = 0; load < 5; load++) loads.push(await loadOnce());
  expect(Math.min(...loads.map(({ shownMs }) => shownMs))).toBeLessThan(2000);
  const { pathname } = new URL(inject('demoUrl'));
  for (const { scripts, errors } of loads) {
    expect(scripts.length).toBeGreaterThan(1);
    const files = scripts.map((name) => readFileSync(join(builtDemo, name.slice(pathname.length))));
    const sizes = files.map((file) => gzipSync(file).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
    expect(errors).toEqual([]);
  }
});

/** When the first view is there, and by which scripts, in a browser that has nothing of the page yet. */
async function loadOnce() {
  const { page, errors } = await openDemo(browser, '');
  await page.getByRole('button', { name: 'Run' }).waitFor();
  const seen = await page.evaluate(() => ({
    shownMs: performance.now(),
    scripts: performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.endsWith('.js') && !name.includes('worker')),
  }));
  await page.close();
  return { ...seen, errors };
}

describe('the navigation', () => {
  it('leads to every view by keyboard, moves the focus to its heading, and back', async () => {
    const { page, errors } = await openDemo(browser, '/run');
    for (const { id, title, heading } of [...VIEWS.slice(1), VIEWS[0]!]) {
      const link = page.getByRole('navigation').getByRole('link', { name: title, exact: true });
      await link.press('Enter');
      await page.waitForURL(`${inject('demoUrl')}#/${id}*`);
      await page.getByRole('heading', { name: heading, level: 2 }).waitFor();
      await expect(page.title()).resolves.toBe(`${title} – Tilewise`);
      await expect(link.getAttribute('aria-current')).resolves.toBe('page');
      await expect(page.getByRole('heading', { name: heading }).evaluate(isFocused)).resolves.toBe(true);
    }
    await page.goBack();
    await page.getByRole('heading', { name: VIEWS.at(-1)!.heading }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('begins with a link to the content', async () => {
    const { page } = await openDemo(browser, '/estimate');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(page.locator('main').evaluate(isFocused)).resolves.toBe(true);
    expect(page.url()).toMatch(/#\/estimate/);
    await page.close();
  });

  it('shows the first view where an address names none', async () => {
    const { page } = await openDemo(browser, '/nowhere');
    await expect(page.locator('h2:visible').innerText()).resolves.toBe(VIEWS[0]!.heading);
    await page.close();
  });
});

describe.each(VIEWS)('the view $id', ({ id }) => {
  it.each(['light', 'dark'] as const)('has nothing that axe objects to, in %s', async (colorScheme) => {
    const { page, errors } = await openDemo(browser, `/${id}`);
    await page.emulateMedia({ colorScheme });
    await page.waitForLoadState('networkidle');
    await expect(violations(page)).resolves.toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
