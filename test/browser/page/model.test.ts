// The language model on the page as it is published, in a real Chromium on its software adapter, and in one without WebGPU.
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDropped } from '../../../demo/model/sources.ts';
import { expectedOf, filesOf, pathsOf, type Checkpoint } from '../../support/checkpoints.ts';
import { demoModelPaths, referenceTokens } from '../../support/demoWeights.ts';
import { violations } from '../support/axe.ts';
import { launch, openDemo, root, takePictures } from '../support/demo.ts';
import {
  countBuffers,
  fillMemory,
  limitBindings,
  loseDevice,
  rememberDevice,
  removeWebGpu,
} from '../support/hooks.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch({ webgpu: true });
});
afterAll(() => browser.close());

const said = (page: Page, text: RegExp): Promise<void> => page.getByRole('status').getByText(text).waitFor();

async function write(page: Page, count: number): Promise<string> {
  await said(page, /^Ready/);
  await page.getByLabel('Next token').selectOption('greedy');
  await page.getByLabel('Tokens').fill(String(count));
  await page.getByRole('button', { name: 'Generate' }).click();
  await said(page, /^Done/);
  return (await page.locator('.made').textContent())!;
}

/** Drags files from outside the browser, and lets them go over an element. */
async function drop(page: Page, onto: Locator, files: readonly string[]): Promise<void> {
  await onto.scrollIntoViewIfNeeded();
  const box = (await onto.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...at });
  }
  await session.detach();
}

/** What a checkpoint's own library adds to its prompt, as text. */
async function expectedText(name: Checkpoint, count: number): Promise<string> {
  const { tokenizer } = await openDropped(await filesOf(name));
  const { prompt, greedy } = expectedOf(name);
  return tokenizer.decode([...prompt, ...greedy.slice(0, count)]).slice(tokenizer.decode(prompt).length);
}

describe('the model', () => {
  it('writes what the reference writes, and goes on with it where there is no memory for another model', async () => {
    const { page, errors } = await openDemo(browser, '/model', { before: fillMemory });
    const { text } = await referenceTokens('In the beginning', 16);
    expect(await write(page, 16)).toBe(text);
    const times = await page.getByRole('table').innerText();
    for (const kernel of ['matmul/', 'attention/']) expect(times).toContain(kernel);
    await expect(page.getByRole('img', { name: /Attention of head 4/ }).count()).resolves.toBe(1);
    await takePictures(page, 'model');
    await expect(violations(page)).resolves.toEqual([]);

    await page.evaluate(() => Reflect.set(globalThis, 'full', true));
    await page.locator('input[type=file]').setInputFiles(pathsOf('llama2-f16-tied'));
    await page
      .getByRole('alert')
      .getByText(/The GPU has too little memory for this model/)
      .waitFor();
    await page.evaluate(() => Reflect.set(globalThis, 'full', false));
    expect(await write(page, 2)).toBe((await referenceTokens('In the beginning', 2)).text);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('takes the files of other models, chosen or dropped anywhere, and writes what their library writes', async () => {
    // On the CPU path, which has no shaders to compile: what a GPU makes of the same models is tested without a page.
    const { page, errors } = await openDemo(browser, '/model', { before: removeWebGpu });
    await said(page, /^Ready/);
    await page.getByLabel('Prompt').fill('In the beginning');
    const fault = (text: RegExp): Promise<void> => page.getByRole('alert').getByText(text).waitFor();
    const shards = pathsOf('llama3-bf16-sharded');
    await page.locator('input[type=file]').setInputFiles(shards.filter((path) => !path.includes('-00002-')));
    await fault(/is missing\. Of a model in several files/);
    await page.locator('input[type=file]').setInputFiles(shards);
    await page.getByText(/Your model: Llama type, 2 layers/).waitFor();
    expect(await write(page, 12)).toBe(await expectedText('llama3-bf16-sharded', 12));

    const heading = page.getByRole('heading', { level: 2 }).and(page.locator(':visible'));
    await drop(page, heading, pathsOf('gpt2-f32'));
    await page.getByText(/Your model: GPT-2, 2 layers/).waitFor();
    expect(await write(page, 12)).toBe(await expectedText('gpt2-f32', 12));
    await drop(page, page.locator('.drop'), [join(root, 'README.md')]);
    await fault(/There is no \.safetensors file among them/);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('refuses a model that the adapter cannot bind before any memory is taken, and takes a smaller one', async () => {
    const { page, errors } = await openDemo(browser, '/model', { before: limitBindings });
    const refused = page
      .getByRole('alert')
      .getByText(/One tensor of this model takes [\d.]+ [KM]iB, and this adapter binds at most 64 KiB/);
    await refused.waitFor();
    await said(page, /^No model is loaded/);
    await page.evaluate(countBuffers);
    await page.locator('input[type=file]').setInputFiles([...demoModelPaths]);
    await said(page, /^No model is loaded/);
    await refused.waitFor();
    expect(await page.evaluate(() => Reflect.get(globalThis, 'buffersMade') as unknown)).toBeUndefined();
    await page.locator('input[type=file]').setInputFiles(pathsOf('gpt2-f32'));
    await page.getByText(/Your model: GPT-2/).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('survives the loss of the device', async () => {
    const { page, errors } = await openDemo(browser, '/model', { before: rememberDevice });
    await said(page, /^Ready/);
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.evaluate(loseDevice);
    await page.getByRole('alert').getByText('device was lost').first().waitFor();
    await page.getByRole('button', { name: 'Open the GPU again' }).click();
    await page.getByText(/^The model of this page: /).waitFor();
    // Every matrix was uploaded to the new device, and a row of it read back.
    await said(page, /^Ready/);
    await expect(page.getByRole('button', { name: 'Generate' }).isEnabled()).resolves.toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('writes on the CPU path where there is no WebGPU', async () => {
    const { page, errors } = await openDemo(browser, '/model', { before: removeWebGpu });
    const { text } = await referenceTokens('In the beginning', 4);
    expect(await write(page, 4)).toBe(text);
    expect(errors).toEqual([]);
    await page.close();
  });
});
