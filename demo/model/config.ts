// What a model's config.json says of its sizes.
import * as v from 'valibot';
import { ModelError } from './modelError.ts';
import type { StoredTensor } from './safetensors.ts';

/** Sizes that every kind of model has. */
export interface Sizes {
  readonly layers: number;
  readonly dim: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Tokens that the model was made for. */
  readonly context: number;
  readonly epsilon: number;
  /** One matrix is both the embedding and the head. */
  readonly tied: boolean;
  /** Tokens that end a text. */
  readonly endTokens: readonly number[];
}

export type ModelConfig =
  | ({ readonly kind: 'gpt2' } & Sizes)
  | ({ readonly kind: 'llama'; readonly rope: Rope } & Sizes);

export interface Rope {
  readonly theta: number;
  /** Stretches long waves, as Llama 3.1 and later do; `linear` stretches all. */
  readonly scaling?:
    | { readonly kind: 'linear'; readonly factor: number }
    | {
        readonly kind: 'llama3';
        readonly factor: number;
        readonly lowFactor: number;
        readonly highFactor: number;
        readonly originalContext: number;
      };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 24));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const tokenIds = v.nullish(v.union([v.number(), v.array(v.number())]));
/** A setting of which this page computes some choices alone; the first is what a config.json without it means. */
const only = (...values: readonly [Setting, ...Setting[]]) =>
  v.optional(
    v.pipe(
      v.union([v.string(), v.boolean()]),
      v.check(
        (value) => values.includes(value),
        ({ input }) => `this page computes ${values.join(' and ')}, not ${input}`,
      ),
    ),
    values[0],
  );
type Setting = string | boolean;

const gpt2Schema = v.object({
  n_layer: count,
  n_embd: count,
  n_head: count,
  n_inner: v.nullish(count),
  n_positions: v.optional(count, 1024),
  vocab_size: count,
  layer_norm_epsilon: v.optional(positive, 1e-5),
  activation_function: only('gelu_new', 'gelu_pytorch_tanh'),
  scale_attn_weights: only(true),
  scale_attn_by_inverse_layer_idx: only(false),
  add_cross_attention: only(false),
  tie_word_embeddings: v.optional(v.boolean(), true),
  eos_token_id: tokenIds,
});

const ropeScaling = v.nullish(
  v.looseObject({
    rope_type: v.optional(v.string()),
    type: v.optional(v.string()),
    rope_theta: v.optional(positive),
    factor: v.optional(positive),
    low_freq_factor: v.optional(positive),
    high_freq_factor: v.optional(positive),
    original_max_position_embeddings: v.optional(count),
  }),
);

const llamaSchema = v.object({
  num_hidden_layers: count,
  hidden_size: count,
  intermediate_size: count,
  num_attention_heads: count,
  num_key_value_heads: v.nullish(count),
  head_dim: v.nullish(count),
  vocab_size: count,
  max_position_embeddings: v.optional(count, 2048),
  rms_norm_eps: v.optional(positive, 1e-6),
  rope_theta: v.optional(positive, 10_000),
  rope_scaling: ropeScaling,
  rope_parameters: ropeScaling,
  hidden_act: only('silu'),
  attention_bias: only(false),
  mlp_bias: only(false),
  tie_word_embeddings: v.optional(v.boolean(), false),
  eos_token_id: tokenIds,
});

/**
 * Reads a config.json of Hugging Face's form.
 *
 * @throws ModelError for one that is damaged, of another kind of model, or asks for what the page does not compute.
 */
export function readConfig(text: string): ModelConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ModelError('config.json is not JSON.');
  }
  const { model_type: kind } = v.is(v.looseObject({}), json) ? (json as { model_type?: unknown }) : {};
  const config = kind === 'gpt2' ? readGpt2(json) : kind === 'llama' ? readLlama(json) : undefined;
  if (!config) {
    throw new ModelError(
      `config.json is of model_type ${JSON.stringify(kind)}. This page runs "gpt2" and "llama".`,
    );
  }
  if (config.kind === 'llama' && config.headDim % 2 !== 0) {
    throw new ModelError(
      `config.json: rotary embedding needs an even size of heads, this one is ${config.headDim}.`,
    );
  }
  if (config.heads % config.kvHeads !== 0) {
    throw new ModelError(
      `config.json: ${config.heads} heads are no multiple of ${config.kvHeads} heads of keys.`,
    );
  }
  return config;
}

function readGpt2(json: unknown): ModelConfig {
  const given = parse(gpt2Schema, json);
  if (given.n_embd % given.n_head !== 0) {
    throw new ModelError(`config.json: n_embd ${given.n_embd} is no multiple of n_head ${given.n_head}.`);
  }
  return {
    kind: 'gpt2',
    layers: given.n_layer,
    dim: given.n_embd,
    heads: given.n_head,
    kvHeads: given.n_head,
    headDim: given.n_embd / given.n_head,
    hidden: given.n_inner ?? 4 * given.n_embd,
    vocabulary: given.vocab_size,
    context: given.n_positions,
    epsilon: given.layer_norm_epsilon,
    tied: given.tie_word_embeddings,
    endTokens: [given.eos_token_id ?? []].flat(),
  };
}

function readLlama(json: unknown): ModelConfig {
  const given = parse(llamaSchema, json);
  const headDim = given.head_dim ?? given.hidden_size / given.num_attention_heads;
  if (!Number.isInteger(headDim)) {
    throw new ModelError(
      `config.json: hidden_size ${given.hidden_size} is no multiple of num_attention_heads ${given.num_attention_heads}.`,
    );
  }
  return {
    kind: 'llama',
    layers: given.num_hidden_layers,
    dim: given.hidden_size,
    heads: given.num_attention_heads,
    kvHeads: given.num_key_value_heads ?? given.num_attention_heads,
    headDim,
    hidden: given.intermediate_size,
    vocabulary: given.vocab_size,
    context: given.max_position_embeddings,
    epsilon: given.rms_norm_eps,
    tied: given.tie_word_embeddings,
    endTokens: [given.eos_token_id ?? []].flat(),
    rope: readRope(given),
  };
}

function readRope(given: v.InferOutput<typeof llamaSchema>): Rope {
  const scaling = given.rope_parameters ?? given.rope_scaling ?? {};
  const theta = scaling.rope_theta ?? given.rope_theta;
  const kind = scaling.rope_type ?? scaling.type ?? 'default';
  const need = (name: keyof typeof scaling): number => {
    const value = scaling[name];
    if (typeof value === 'number') return value;
    throw new ModelError(`config.json: rope_scaling of type "${kind}" has no ${String(name)}.`);
  };
  if (kind === 'default') return { theta };
  if (kind === 'linear') return { theta, scaling: { kind, factor: need('factor') } };
  if (kind === 'llama3') {
    return {
      theta,
      scaling: {
        kind,
        factor: need('factor'),
        lowFactor: need('low_freq_factor'),
        highFactor: need('high_freq_factor'),
        originalContext: need('original_max_position_embeddings'),
      },
    };
  }
  throw new ModelError(`config.json: rope_scaling of type "${kind}" is not supported.`);
}

function parse<S extends v.GenericSchema>(schema: S, json: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new ModelError(`config.json: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}.`);
}

/**
 * The sizes of a GPT-2 whose config.json was not given, from its tensors: heads of all published ones have 64 elements.
 *
 * @throws ModelError for other models.
 */
export function inferConfig(tensors: ReadonlyMap<string, StoredTensor>): ModelConfig {
  const find = (name: string): readonly number[] | undefined =>
    (tensors.get(name) ?? tensors.get(`transformer.${name}`))?.shape;
  const [vocabulary, dim] = find('wte.weight') ?? [];
  const [context] = find('wpe.weight') ?? [];
  if (vocabulary === undefined || context === undefined || dim === undefined || dim % 64 !== 0) {
    throw new ModelError(
      'The config.json is missing. Drop it together with the weights: they alone do not tell the sizes of this model.',
    );
  }
  let layers = 0;
  while (find(`h.${layers}.ln_1.weight`)) layers++;
  return {
    kind: 'gpt2',
    layers,
    dim,
    heads: dim / 64,
    kvHeads: dim / 64,
    headDim: 64,
    hidden: find('h.0.mlp.c_fc.weight')?.[1] ?? 4 * dim,
    vocabulary,
    context,
    epsilon: 1e-5,
    tied: true,
    endTokens: [vocabulary - 1],
  };
}
