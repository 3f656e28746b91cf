// Checkpoints as Hugging Face's libraries save them, and what those compute with them: test/fixtures/checkpoints/make.py.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LanguageModel } from '../../demo/model/languageModel.ts';
import { openDropped } from '../../demo/model/sources.ts';
import type { Device } from '../../src/node.ts';
import { textOf } from './demoModels.ts';

const folder = join(import.meta.dirname, '../fixtures/checkpoints');

export const CHECKPOINTS = ['gpt2-f32', 'llama3-bf16-sharded', 'llama2-f16-tied'] as const;

export type Checkpoint = (typeof CHECKPOINTS)[number];

/** What the other libraries make of a checkpoint. */
interface Expected {
  readonly texts: readonly {
    readonly text: string;
    readonly tokens: readonly number[];
    readonly decoded: string;
  }[];
  readonly prompt: readonly number[];
  /** Behind the prompt, computed in f64. */
  readonly logits: readonly number[];
  /** How far off those libraries are when they compute in f32. */
  readonly errorInSingles: number;
  readonly greedy: readonly number[];
}

export function expectedOf(name: Checkpoint): Expected {
  return JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as Expected;
}

/** Paths of a checkpoint's own files, all of them. */
export function pathsOf(name: Checkpoint): string[] {
  return readdirSync(join(folder, name))
    .filter((file) => file !== 'expected.json')
    .map((file) => join(folder, name, file));
}

/** A checkpoint's files as a visitor drops them. */
export function filesOf(name: Checkpoint): Promise<File[]> {
  return Promise.all(
    pathsOf(name).map(
      async (path) => new File([await readFile(path)], path.slice(folder.length + name.length + 2)),
    ),
  );
}

/** Expects of a checkpoint on a device the logits and the text that the other libraries give. */
export async function expectAsExpected(device: Device, name: Checkpoint): Promise<void> {
  const { prompt, logits, errorInSingles, greedy } = expectedOf(name);
  const { files } = await openDropped(await filesOf(name));
  using model = await LanguageModel.load(device, files);
  using behind = model.prefill(prompt);
  const got = await behind.read();
  expect(got).toHaveLength(logits.length);
  const error = logits.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
  // Another order of sums rounds otherwise, and no worse.
  expect(error).toBeLessThan(4 * errorInSingles);
  expect(await textOf(model, { prompt, count: greedy.length, choice: { kind: 'greedy' } })).toEqual(greedy);
}
