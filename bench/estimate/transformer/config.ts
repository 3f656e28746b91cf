import * as v from 'valibot';
import type { TransformerModel } from './model.ts';

const size = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(1 << 24, 'is larger than any model has'),
);
const optional = v.nullish(size);

/** Fields of a Hugging Face config.json, under the names that families of models use. */
const configSchema = v.object({
  _name_or_path: v.nullish(v.string()),
  model_type: v.nullish(v.string()),
  num_hidden_layers: optional,
  n_layer: optional,
  hidden_size: optional,
  n_embd: optional,
  num_attention_heads: optional,
  n_head: optional,
  num_key_value_heads: optional,
  head_dim: optional,
  intermediate_size: optional,
  n_inner: optional,
  moe_intermediate_size: optional,
  vocab_size: optional,
  tie_word_embeddings: v.nullish(v.boolean()),
  num_local_experts: optional,
  num_experts: optional,
  num_experts_per_tok: optional,
});

/** The sizes of a model's layers, which the shapes of its operations follow from. */
export type LayerSizes = Pick<
  TransformerModel,
  'hidden' | 'heads' | 'kvHeads' | 'headDim' | 'feedForward' | 'vocabulary' | 'gated'
>;

/** What a config.json says of a model's layers, and the names that it gives the model. */
export interface LayerConfig {
  readonly sizes: LayerSizes;
  /** `_name_or_path`: a repository or a folder. */
  readonly path: string | undefined;
  /** `model_type`: the family. */
  readonly family: string | undefined;
}

/**
 * Reads the sizes of a transformer's layers from the object of a Hugging Face `config.json`; that of a model of several kinds of
 * data is looked for in its `text_config`. How many layers there are it need not say.
 *
 * @param name what messages call it
 * @throws RangeError naming the field that is missing or makes no sense
 */
export function parseLayerConfig(json: unknown, name: string): LayerConfig {
  const fields = readFields(json, name);
  const { _name_or_path: path, model_type: family } = fields.config;
  return { sizes: layerSizes(fields), path: path ?? undefined, family: family ?? undefined };
}

/**
 * Reads a transformer from the object of a Hugging Face `config.json`; that of a model of several kinds of data is looked for in
 * its `text_config`.
 *
 * @param name what to call it
 * @throws RangeError naming the field that is missing or makes no sense
 */
export function parseModelConfig(json: unknown, name: string): TransformerModel {
  const fields = readFields(json, name);
  const { config, need } = fields;
  const sizes = layerSizes(fields);
  const experts = expertCount(config);
  return {
    name,
    layers: need(['num_hidden_layers', 'n_layer']),
    ...sizes,
    tiedEmbeddings: config.tie_word_embeddings ?? false,
    ...(experts !== undefined && { experts: { count: experts, active: need(['num_experts_per_tok']) } }),
    source: `${name}, a Hugging Face config.json`,
  };
}

type Config = v.InferOutput<typeof configSchema>;

/** The fields of a config.json, and what messages about them need. */
interface Fields {
  readonly name: string;
  readonly config: Config;
  /** Where the fields are: empty, or `text_config.` */
  readonly prefix: string;
  /** The first of the fields that is there, else the fallback; throws where there is neither. */
  readonly need: (names: readonly (keyof Config)[], fallback?: number) => number;
}

function readFields(json: unknown, name: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new RangeError(`${name}: expected the object of a Hugging Face config.json`);
  }
  const nested = (json as { readonly text_config?: unknown }).text_config;
  const inText = typeof nested === 'object' && nested !== null;
  const prefix = inText ? 'text_config.' : '';
  const parsed = v.safeParse(configSchema, inText ? nested : json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new RangeError(
      `${name}: the field "${prefix}${v.getDotPath(issue) ?? ''}" ${issue.message}, got ${issue.received}`,
    );
  }
  const config = parsed.output;
  const need = (names: readonly (keyof Config)[], fallback?: number): number => {
    for (const field of names) {
      const value = config[field];
      if (typeof value === 'number') return value;
    }
    if (fallback !== undefined) return fallback;
    const known = names.map((field) => `"${prefix}${field}"`).join(' or ');
    throw new RangeError(`${name}: the field ${known} is missing; it is needed for the sizes of the model`);
  };
  return { name, config, prefix, need };
}

function expertCount(config: Config): number | undefined {
  return config.num_local_experts ?? config.num_experts ?? undefined;
}

function layerSizes({ name, config, prefix, need }: Fields): LayerSizes {
  const gpt = typeof config.n_embd === 'number';
  const hidden = need(['hidden_size', 'n_embd']);
  const heads = need(['num_attention_heads', 'n_head']);
  const kvHeads = need(['num_key_value_heads'], heads);
  if (config.head_dim == null && hidden % heads !== 0) {
    throw new RangeError(
      `${name}: ${heads} heads do not divide a hidden size of ${hidden}; the field "${prefix}head_dim" is missing`,
    );
  }
  if (heads % kvHeads !== 0) {
    throw new RangeError(
      `${name}: ${heads} heads cannot share ${kvHeads} key and value heads ("${prefix}num_key_value_heads")`,
    );
  }
  const ofExpert = expertCount(config) === undefined ? [] : (['moe_intermediate_size'] as const);
  return {
    hidden,
    heads,
    kvHeads,
    headDim: config.head_dim ?? hidden / heads,
    // GPT-2's family writes n_inner: null, or leaves it out, for four times n_embd.
    feedForward: need([...ofExpert, 'intermediate_size', 'n_inner'], gpt ? 4 * hidden : undefined),
    vocabulary: need(['vocab_size']),
    gated: !gpt,
  };
}
