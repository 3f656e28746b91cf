import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parseLayerConfig, type LayerConfig } from '../estimate/transformer/config.ts';
import type { ModelShape } from '../suites/index.ts';
import { UsageError } from '../exitCodes.ts';

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
