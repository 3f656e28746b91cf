import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright';
import { inject } from 'vitest';
import { launchOptions } from './chromium.ts';

export const root = join(import.meta.dirname, '../../..');

/** Where the built page is. */
export const builtDemo = join(root, 'demo/dist');

/** Where the tests leave pictures of the page. */
export const pictures = join(root, '.cache/demo');

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

/** Opens the page at an address, what follows the `#` in it. `before` runs in the page before its own scripts. */
export async function openDemo(
  browser: Browser,
  route: string,
  options: { readonly before?: () => void; readonly width?: number; readonly userAgent?: string } = {},
): Promise<WatchedPage> {
  const { before, width = 1280, userAgent } = options;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    ...(userAgent !== undefined && { userAgent }),
  });
  page.setDefaultTimeout(LONGEST_WAIT_MS);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  if (before) await page.addInitScript(before);
  await page.goto(`${inject('demoUrl')}#${route}`);
  await page.locator('h2:visible').waitFor();
  return { page, errors };
}

/** Pictures of a view as it is: light, dark, and as narrow as a small phone. */
export async function takePictures(page: Page, name: string): Promise<void> {
  const take = (kind: string): Promise<unknown> =>
    page.screenshot({ path: join(pictures, `${name}-${kind}.png`), fullPage: true });
  const wide = page.viewportSize()!;
  await take('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('dark');
  await page.setViewportSize({ ...wide, width: 360 });
  await take('narrow');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(wide);
}

/** What had to move on the screen, without the visitor's doing, as browsers score it. */
export async function layoutShift(page: Page): Promise<number> {
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

/** Texts of the rows below a table's heading, by the labels of their cells. */
export async function rowsOf(table: Locator): Promise<Record<string, string>[]> {
  return table.locator('tr.row:not(.blank)').evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.querySelectorAll('td')];
      return Object.fromEntries(cells.map((cell) => [cell.dataset['label'], cell.innerText.trim()]));
    }),
  );
}

export const isFocused = (node: Element): boolean => node === node.ownerDocument.activeElement;
