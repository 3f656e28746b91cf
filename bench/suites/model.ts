import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as v from 'valibot';
import { UsageError } from '../commands/exitCodes.ts';

/** The sizes of a transformer that decide the shapes of its operations. */
export interface ModelShape {
  readonly name: string;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Whether the feed-forward layer has a gate beside its first projection, of the same shape. */
  readonly gated: boolean;
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

const Size = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(1 << 24, 'is larger than any model has'),
);

const MaybeSize = v.nullish(Size);

/** The fields of a Hugging Face config.json that give shapes, under the names that model families use. */
const ConfigSchema = v.object({
  _name_or_path: v.nullish(v.string()),
  model_type: v.nullish(v.string()),
  hidden_size: MaybeSize,
  n_embd: MaybeSize,
  num_attention_heads: MaybeSize,
  n_head: MaybeSize,
  num_key_value_heads: MaybeSize,
  head_dim: MaybeSize,
  intermediate_size: MaybeSize,
  n_inner: MaybeSize,
  vocab_size: MaybeSize,
});

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
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError(`--config ${file}: expected the object of a Hugging Face config.json`);
  }
  const nested = (json as { text_config?: unknown }).text_config;
  const isNested = typeof nested === 'object' && nested !== null;
  const parsed = v.safeParse(ConfigSchema, isNested ? nested : json);
  const prefix = isNested ? 'text_config.' : '';
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue) ?? '';
    throw new UsageError(
      `--config ${file}: the field "${prefix}${field}" ${issue.message}, got ${issue.received}`,
    );
  }
  const config = parsed.output;
  const need = (value: number | null | undefined, ...names: readonly string[]): number => {
    if (value !== null && value !== undefined) return value;
    const known = names.map((name) => `"${prefix}${name}"`).join(' or ');
    throw new UsageError(
      `--config ${file}: the field ${known} is missing; it is needed for the shapes of the model's layers`,
    );
  };
  const hidden = need(config.hidden_size ?? config.n_embd, 'hidden_size', 'n_embd');
  const heads = need(config.num_attention_heads ?? config.n_head, 'num_attention_heads', 'n_head');
  const kvHeads = config.num_key_value_heads ?? heads;
  const vocabulary = need(config.vocab_size, 'vocab_size');
  // GPT-2 writes n_inner: null, or leaves it out, for four times n_embd.
  const likeGpt2 = config.n_embd !== null && config.n_embd !== undefined;
  const feedForward = need(
    config.intermediate_size ?? config.n_inner ?? (likeGpt2 ? 4 * hidden : undefined),
    'intermediate_size',
    'n_inner',
  );
  if (config.head_dim == null && hidden % heads !== 0) {
    throw new UsageError(
      `--config ${file}: ${heads} heads do not divide a hidden size of ${hidden}; give the field "${prefix}head_dim"`,
    );
  }
  if (heads % kvHeads !== 0) {
    throw new UsageError(
      `--config ${file}: ${heads} heads cannot share ${kvHeads} key and value heads ("${prefix}num_key_value_heads") evenly`,
    );
  }
  return {
    name: modelName(config, file),
    hidden,
    heads,
    kvHeads,
    headDim: config.head_dim ?? hidden / heads,
    feedForward,
    vocabulary,
    gated: !likeGpt2,
  };
}

function modelName(config: v.InferOutput<typeof ConfigSchema>, file: string): string {
  if (config._name_or_path) return basename(config._name_or_path);
  if (basename(file) !== 'config.json') return basename(file, '.json');
  return config.model_type ?? basename(dirname(file));
}
