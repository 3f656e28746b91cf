import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { UsageError } from '../commands/exitCodes.ts';
import { parseLayerConfig } from '../estimate/transformer/config.ts';
import type { LayerConfig, LayerSizes } from '../estimate/transformer/config.ts';

/** The sizes of a transformer that decide the shapes of its operations. */
export interface ModelShape extends LayerSizes {
  readonly name: string;
}

/** https://huggingface.co/meta-llama/Llama-3.1-8B/blob/main/config.json */
export const LLAMA_3_1_8B: ModelShape = {
  name: 'Llama-3.1-8B',
  hidden: 4096,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  feedForward: 14336,
  vocabulary: 128256,
  gated: true,
};

/**
 * Reads the shapes of a model from a Hugging Face `config.json`; those of a model of several kinds of data are looked for
 * in its `text_config`.
 *
 * @throws UsageError when the file cannot be read, is not JSON, or lacks a field: the message names both
 */
export function readModelShape(file: string): ModelShape {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--config ${file}: the file cannot be read (${(error as Error).message})`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--config ${file}: this is not JSON (${(error as Error).message})`);
  }
  return modelShape(json, file);
}

/** @throws UsageError when a field is missing or makes no sense; `file` is named in its message. */
export function modelShape(json: unknown, file: string): ModelShape {
  try {
    const layers = parseLayerConfig(json, `--config ${file}`);
    return { name: modelName(layers, file), ...layers.sizes };
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function modelName({ path, family }: LayerConfig, file: string): string {
  if (path) return basename(path);
  if (basename(file) !== 'config.json') return basename(file, '.json');
  return family ?? basename(dirname(file));
}
