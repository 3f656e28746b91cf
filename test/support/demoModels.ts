import { expect } from 'vitest';
import { LanguageModel, openModelFiles, type GenerateOptions } from '../../demo/model/languageModel.ts';
import type { Device } from '../../src/node.ts';
import { fileOf, plainForward, plainGreedy, type PlainModel } from './plainTransformer.ts';

export async function load(
  device: Device,
  model: PlainModel,
  dtype: 'F32' | 'F16' | 'BF16',
): Promise<LanguageModel> {
  const files = [{ name: 'model.safetensors', data: fileOf(model, dtype) }];
  return LanguageModel.load(device, await openModelFiles(files, JSON.stringify(model.config)));
}

export async function textOf(model: LanguageModel, options: GenerateOptions): Promise<number[]> {
  const tokens: number[] = [];
  for await (const token of model.generate(options)) tokens.push(token);
  return tokens;
}

/** Expects of a model on a device what the plain loops give: the likeliest tokens, and where each looks. */
export async function expectAsPlain(
  device: Device,
  plain: PlainModel,
  dtype: 'F32' | 'F16' | 'BF16',
): Promise<void> {
  using model = await load(device, plain, dtype);
  const prompt = [3, 1, 4, 1, 5, 9, 2, 6];
  const expected = plainGreedy(plain, prompt, 20);
  expect(expected.length).toBeGreaterThan(5);
  expect(await textOf(model, { prompt, count: 20, choice: { kind: 'greedy' } })).toEqual(expected);

  const { attention } = plainForward(plain, [...prompt, ...expected]);
  const maps = await model.attentionMaps([...prompt, ...expected]);
  expect(maps).toHaveLength(attention.length);
  for (const [layer, heads] of attention.entries()) {
    const flat = heads.flatMap((rows) => rows.flatMap((row) => [...row]));
    const largest = flat.reduce((most, value, i) => Math.max(most, Math.abs(value - maps[layer]![i]!)), 0);
    expect(maps[layer]).toHaveLength(flat.length);
    expect(largest).toBeLessThan(1e-4);
  }
}
