import axe from 'axe-core';
import type { Page } from 'playwright';

/** What axe finds wrong with a page as it is, a line for each rule and element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    // The source has defined it in the page; what is imported here is in Node.
    const inPage: typeof axe = Reflect.get(globalThis, 'axe');
    const found = await inPage.run();
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
  });
}
