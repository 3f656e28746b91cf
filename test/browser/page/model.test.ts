// The language model on the page as it is published, in a real Chromium on its software adapter, and in one without WebGPU.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright';
import { fileOf, plainGreedy, randomLlama } from '../../support/plainTransformer.ts';
import { Tokenizer } from '../../../demo/model/tokenizer.ts';
import { tokenizerJson } from '../../../demo/model/tokenizerJson.ts';
import { trainBytePairs } from '../../../demo/train/bytePairs.ts';
import { referenceTokens } from '../../support/demoWeights.ts';
import { launch, openDemo, takePictures } from '../support/demo.ts';
import { removeWebGpu } from '../support/hooks.ts';

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

function tokenizerOf(content: object): {
  encode: (text: string) => number[];
  decode: (tokens: readonly number[]) => string;
} {
  const tokenizer = new Tokenizer({ tokenizer: JSON.stringify(content) });
  return { encode: (text) => tokenizer.encode(text), decode: (tokens) => tokenizer.decode(tokens) };
}

describe('the model', () => {
  it('writes what the reference writes, shows kernels and attention, and takes files', async () => {
    const { page, errors } = await openDemo(browser, '/model');
    const { text } = await referenceTokens('In the beginning', 16);
    expect(await write(page, 16)).toBe(text);
    expect(await page.getByRole('table').innerText()).toMatch(/matmul\/[^]*attention\//);
    await expect(page.getByRole('img', { name: /Attention of head 4/ }).count()).resolves.toBe(1);
    await takePictures(page, 'model');

    const plain = randomLlama(1, { vocab_size: 300, eos_token_id: 299 });
    const tokenizer = tokenizerJson(trainBytePairs('abc', 257));
    const weights = Buffer.from(await fileOf(plain, 'F32').arrayBuffer());
    const config = (change: object): { name: string; mimeType: string; buffer: Buffer } => ({
      name: 'config.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify({ ...plain.config, ...change })),
    });
    const files = [
      { name: 'model.safetensors', mimeType: '', buffer: weights },
      {
        name: 'tokenizer.json',
        mimeType: 'application/json',
        buffer: Buffer.from(JSON.stringify(tokenizer)),
      },
    ];
    const chooser = page.locator('input[type=file]');
    await chooser.setInputFiles([...files, config({ num_hidden_layers: 3 })]);
    await page
      .getByRole('alert')
      .getByText(/layers\.2\.\S+ is missing/)
      .waitFor();
    await chooser.setInputFiles([...files, config({})]);
    await page.getByText(/Your model: Llama type, 2 layers/).waitFor();
    await page.getByLabel('Prompt').fill('ab');
    const made = await write(page, 4);
    const { encode, decode } = tokenizerOf(tokenizer);
    const [given, expected] = [encode('ab'), plainGreedy(plain, encode('ab'), 4)];
    expect(made).toBe(decode([...given, ...expected]).slice('ab'.length));
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
