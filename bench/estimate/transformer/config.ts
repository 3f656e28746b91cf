import * as v from 'valibot';
import { familyOf } from './families.ts';
import type { Family } from './families.ts';
import type { Experts, LatentAttention, TransformerModel } from './model.ts';
import { formatOf, quantizationSchema } from './quantization.ts';

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
  num_kv_heads: optional,
  multi_query: v.nullish(v.boolean()),
  new_decoder_architecture: v.nullish(v.boolean()),
  head_dim: optional,
  intermediate_size: optional,
  intermediate_size_mlp: optional,
  n_inner: optional,
  ffn_dim: optional,
  ffn_hidden_size: optional,
  moe_intermediate_size: optional,
  vocab_size: optional,
  tie_word_embeddings: v.nullish(v.boolean()),
  num_local_experts: optional,
  num_experts: optional,
  n_routed_experts: optional,
  num_experts_per_tok: optional,
  experts_per_token: optional,
  n_shared_experts: v.nullish(
    v.pipe(v.number('must be a number'), v.integer('must be a whole number'), v.minValue(0)),
  ),
  shared_expert_intermediate_size: optional,
  first_k_dense_replace: v.nullish(
    v.pipe(v.number('must be a number'), v.integer('must be a whole number'), v.minValue(0)),
  ),
  mlp_only_layers: v.nullish(v.array(v.number())),
  interleave_moe_layer_step: optional,
  decoder_sparse_step: optional,
  sliding_window: optional,
  use_sliding_window: v.nullish(v.boolean()),
  max_window_layers: v.nullish(v.number('must be a number')),
  sliding_window_pattern: optional,
  layer_types: v.nullish(v.array(v.string())),
  kv_lora_rank: optional,
  q_lora_rank: optional,
  qk_nope_head_dim: optional,
  qk_rope_head_dim: optional,
  v_head_dim: optional,
  quantization_config: quantizationSchema,
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
  const layers = need(['num_hidden_layers', 'n_layer']);
  const experts = expertsOf(fields, layers);
  const sliding = slidingOf(config, layers);
  const latent = latentOf(fields);
  const weights = formatOf(config.quantization_config);
  return {
    name,
    layers,
    ...sizes,
    tiedEmbeddings: config.tie_word_embeddings ?? familyIn(config).tied ?? false,
    ...(weights && { weights }),
    ...(experts && { experts }),
    ...(sliding && { sliding }),
    ...(latent && { latent }),
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
  const { text_config: nested, tie_word_embeddings, quantization_config } = json as Record<string, unknown>;
  const inText = typeof nested === 'object' && nested !== null;
  const prefix = inText ? 'text_config.' : '';
  const own = (inText ? nested : json) as Record<string, unknown>;
  const around = inText ? { tie_word_embeddings, quantization_config } : {};
  const { defaults } = familyOf(typeof own['model_type'] === 'string' ? own['model_type'] : undefined);
  const parsed = v.safeParse(configSchema, { ...around, ...defaults, ...own });
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
  return config.num_local_experts ?? config.num_experts ?? config.n_routed_experts ?? undefined;
}

function expertsOf({ config, need }: Fields, layers: number): Experts | undefined {
  const count = expertCount(config);
  if (count === undefined) return undefined;
  const active = need(['num_experts_per_tok', 'experts_per_token']);
  const { n_shared_experts: shared = familyIn(config).sharedExperts, mlp_only_layers: plain } = config;
  const width = config.moe_intermediate_size ?? config.intermediate_size ?? 0;
  const sharedForward = config.shared_expert_intermediate_size ?? (shared ?? 0) * width;
  // Every so many layers has experts; or the first ones have none; or those that are listed.
  const step = config.interleave_moe_layer_step ?? config.decoder_sparse_step ?? 1;
  const withExperts = Math.floor(layers / step) - (plain?.length ?? 0);
  const denseLayers = Math.min(layers, config.first_k_dense_replace ?? layers - Math.max(0, withExperts));
  return {
    count,
    active,
    ...(sharedForward > 0 && { sharedForward }),
    ...(denseLayers > 0 && {
      dense: { layers: denseLayers, feedForward: need(['intermediate_size_mlp', 'intermediate_size']) },
    }),
  };
}

/** Which layers see a window only: as they are listed, else by the rule of the family, else all of them. */
function slidingOf(config: Config, layers: number): TransformerModel['sliding'] {
  const { sliding_window: window, layer_types: types, sliding_window_pattern: pattern } = config;
  if (window == null || config.use_sliding_window === false) return undefined;
  const windowed = (): number => {
    if (types != null) return types.filter((type) => type === 'sliding_attention').length;
    // Gemma: every so many layers one sees everything.
    if (pattern != null) return layers - Math.floor(layers / pattern);
    // Qwen 2: the first layers see everything.
    return config.use_sliding_window === true ? layers - (config.max_window_layers ?? 0) : layers;
  };
  const count = Math.min(layers, windowed());
  return count > 0 ? { layers: count, window } : undefined;
}

function latentOf({ config, need }: Fields): LatentAttention | undefined {
  if (config.kv_lora_rank == null) return undefined;
  return {
    kvRank: config.kv_lora_rank,
    ropeDim: need(['qk_rope_head_dim']),
    valueDim: need(['v_head_dim']),
    ...(config.q_lora_rank != null && { queryRank: config.q_lora_rank }),
  };
}

/** GPT-2's, where only the names of the fields tell. */
function familyIn({ model_type: family, n_embd: width }: Config): Family {
  return familyOf(family ?? (width == null ? undefined : 'gpt2'));
}

function layerSizes({ name, config, prefix, need }: Fields): LayerSizes {
  const { gated = true, fourfold = false } = familyIn(config);
  const hidden = need(['hidden_size', 'n_embd']);
  const heads = need(['num_attention_heads', 'n_head']);
  const latent = config.kv_lora_rank != null;
  // GPT BigCode and the first Falcons: one head of keys and values, whatever else is written.
  const single = config.multi_query === true && config.new_decoder_architecture !== true;
  const kvHeads = latent ? heads : single ? 1 : need(['num_key_value_heads', 'num_kv_heads'], heads);
  if (!latent && config.head_dim == null && hidden % heads !== 0) {
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
    headDim: latent
      ? need(['qk_nope_head_dim']) + need(['qk_rope_head_dim'])
      : (config.head_dim ?? hidden / heads),
    feedForward: need(
      [...ofExpert, 'intermediate_size', 'n_inner', 'ffn_dim', 'ffn_hidden_size'],
      fourfold ? 4 * hidden : undefined,
    ),
    vocabulary: need(['vocab_size']),
    gated,
  };
}
