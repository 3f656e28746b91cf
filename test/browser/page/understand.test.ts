// The algorithms drawn at work, on the page as it is published.
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../support/axe.ts';
import { launch, openDemo, takePictures } from '../support/demo.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: false });
});
afterAll(() => browser.close());

const words = (page: Page): Promise<string> => page.locator('.words').innerText();
const begun = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Next' }).and(page.locator(':enabled')).waitFor();

describe.each([
  ['matmul', /^9 workgroups make c/, /is (-?\d+(?:\.\d+)?): the CPU path gives (-?\d+(?:\.\d+)?)/],
  [
    'attention',
    /^The workgroup of queries 12…15 begins/,
    /is (-?\d+(?:\.\d+)?); the CPU path gives (-?\d+(?:\.\d+)?)/,
  ],
  ['reduction', /^16 invocations hold/, /last two: (-?\d+(?:\.\d+)?)\. The CPU path gives (-?\d+(?:\.\d+)?)/],
])('%s', (lesson, first, last) => {
  it('is stepped through by keyboard, and ends with the result of the CPU path', async () => {
    const { page, errors } = await openDemo(browser, `/understand?lesson=${lesson}`);
    await begun(page);
    await expect(words(page)).resolves.toMatch(first);
    const slider = page.getByRole('slider', { name: 'Step' });
    await slider.focus();
    const steps = Number(await slider.getAttribute('max'));
    const seen = new Set([await words(page)]);
    for (let step = 1; step <= steps; step++) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe(`Step ${step} of ${steps}`);
      seen.add(await words(page));
      if (step === steps - 1) await takePictures(page, lesson);
    }
    expect(seen.size).toBe(steps + 1);
    const [, got, expected] = last.exec(await words(page))!;
    expect(got).toBe(expected);
    await expect(page.getByRole('img').getAttribute('aria-label')).resolves.toContain(await words(page));
    await expect(violations(page)).resolves.toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});

it('shows what causal skipping saves, and keeps the lesson in the address', async () => {
  const { page, errors } = await openDemo(browser, '/understand');
  await begun(page);
  await page.getByRole('button', { name: 'Attention' }).click();
  await page.getByText('10 of 16 are left').waitFor();
  expect(page.url()).toContain('lesson=attention');
  await expect(page.locator('.drawing .skipped').count()).resolves.toBe(6);
  await page.getByRole('slider', { name: 'Step' }).fill('3');
  await page
    .getByText(/The maximum grew from [\d.]+, so the older sum and output are multiplied by 0\.\d+/)
    .waitFor();
  await page.getByLabel('Mask').selectOption('none');
  await page.getByText('all 16 tiles are visited').waitFor();
  await expect(page.locator('.drawing .skipped').count()).resolves.toBe(0);
  expect(errors).toEqual([]);
  await page.close();
});

it('plays by itself, but not where motion is to be reduced', async () => {
  const { page } = await openDemo(browser, '/understand');
  await begun(page);
  // The page's time goes on only when it is told to: a slow machine would come too late for the first step.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.getByRole('button', { name: 'Play' }).click();
  await page.clock.runFor(2000);
  await page.getByText('1 of 4', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect(page.getByRole('button', { name: 'Play' }).count()).resolves.toBe(0);
  await page.close();
});
