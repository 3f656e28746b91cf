import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LanguageModel, openModelFiles } from '../../demo/model/languageModel.ts';
import { Tokenizer } from '../../demo/model/tokenizer.ts';
import { openDevice, type Device } from '../../src/node.ts';
import { textOf } from './demoModels.ts';

const folder = join(import.meta.dirname, '../../demo/model/weights');
const textFile = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

/** The files of the model that the demo ships. */
export const demoModelPaths = ['model.safetensors', 'config.json', 'tokenizer.json'].map((name) =>
  join(folder, name),
);

/** The model that the demo ships, on a device. */
export async function loadDemoModel(
  device: Device,
): Promise<{ readonly model: LanguageModel; readonly tokenizer: Tokenizer }> {
  const data = new Blob([await readFile(join(folder, 'model.safetensors'))]);
  const files = await openModelFiles([{ name: 'model.safetensors', data }], await textFile('config.json'));
  return {
    model: await LanguageModel.load(device, files),
    tokenizer: new Tokenizer({ tokenizer: await textFile('tokenizer.json') }),
  };
}

/** What the CPU path makes of a prompt: the definition of correct. */
export async function referenceTokens(
  prompt: string,
  count: number,
): Promise<{ readonly tokens: number[]; readonly text: string }> {
  const { model, tokenizer } = await loadDemoModel(await openDevice({ backend: 'cpu' }));
  const tokens = await textOf(model, { prompt: tokenizer.encode(prompt), count, choice: { kind: 'greedy' } });
  model.dispose();
  return { tokens, text: tokenizer.decode(tokens) };
}
