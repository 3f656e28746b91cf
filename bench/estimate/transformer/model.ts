import type { WeightFormat } from './weights.ts';

/** A mixture of experts. */
export interface Experts {
  /** Feed-forward layers to choose from in each layer, and how many a token goes through. */
  readonly count: number;
  readonly active: number;
  /** Width of what every token goes through beside them; 0 unless given. */
  readonly sharedForward?: number;
  /** Layers that have one plain feed-forward layer instead, and its width. */
  readonly dense?: { readonly layers: number; readonly feedForward: number };
}

/** Multi-head latent attention, arXiv 2405.04434. `headDim` is the width of its queries, `kvHeads` its heads. */
export interface LatentAttention {
  /** Width of the compressed keys and values. */
  readonly kvRank: number;
  /** Width of the part of a key that carries the position: the same for all heads, and stored too. */
  readonly ropeDim: number;
  readonly valueDim: number;
  /** Width of the compressed queries, where they are compressed. */
  readonly queryRank?: number;
}

/** The sizes of a transformer that decide its operations and its memory. */
export interface TransformerModel {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Of one expert where there are experts. */
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Whether the feed-forward layer has a gate beside its first projection, of the same shape. */
  readonly gated: boolean;
  /** Whether the embedding and the last projection share their weights. */
  readonly tiedEmbeddings: boolean;
  readonly experts?: Experts;
  /** Layers whose queries see only the last keys; the cache holds no more of theirs. */
  readonly sliding?: { readonly layers: number; readonly window: number };
  /** Keys and values that are stored as one compressed vector a token, for all heads. */
  readonly latent?: LatentAttention;
  /** The format that the published weights are in, where that is not one of 16 bits. */
  readonly weights?: WeightFormat;
  readonly source: string;
}

function llama(
  name: string,
  sizes: readonly [layers: number, hidden: number, heads: number, feedForward: number, vocabulary: number],
  source: string,
  rest: Partial<TransformerModel> = {},
): TransformerModel {
  const [layers, hidden, heads, feedForward, vocabulary] = sizes;
  return {
    name,
    layers,
    hidden,
    heads,
    kvHeads: 8,
    headDim: 128,
    feedForward,
    vocabulary,
    gated: true,
    tiedEmbeddings: false,
    source: `https://huggingface.co/${source}/blob/main/config.json`,
    ...rest,
  };
}

/** Models that the estimate knows by name. */
export const MODELS: readonly TransformerModel[] = [
  llama('llama-3.1-8b', [32, 4096, 32, 14336, 128256], 'meta-llama/Llama-3.1-8B'),
  llama('llama-3.1-70b', [80, 8192, 64, 28672, 128256], 'meta-llama/Llama-3.1-70B'),
  llama('llama-3.1-405b', [126, 16384, 128, 53248, 128256], 'meta-llama/Llama-3.1-405B'),
  llama('llama-2-70b', [80, 8192, 64, 28672, 32000], 'meta-llama/Llama-2-70b-hf'),
  llama('mistral-7b', [32, 4096, 32, 14336, 32000], 'mistralai/Mistral-7B-v0.1', {
    sliding: { layers: 32, window: 4096 },
  }),
  llama('mixtral-8x7b', [32, 4096, 32, 14336, 32000], 'mistralai/Mixtral-8x7B-v0.1', {
    experts: { count: 8, active: 2 },
  }),
  llama('mixtral-8x22b', [56, 6144, 48, 16384, 32000], 'mistralai/Mixtral-8x22B-v0.1', {
    experts: { count: 8, active: 2 },
  }),
  llama('qwen2.5-7b', [28, 3584, 28, 18944, 152064], 'Qwen/Qwen2.5-7B', { kvHeads: 4 }),
  llama('qwen2.5-72b', [80, 8192, 64, 29568, 152064], 'Qwen/Qwen2.5-72B'),
  llama('qwen3-8b', [36, 4096, 32, 12288, 151936], 'Qwen/Qwen3-8B'),
  llama('qwen3-30b-a3b', [48, 2048, 32, 768, 151936], 'Qwen/Qwen3-30B-A3B', {
    kvHeads: 4,
    experts: { count: 128, active: 8 },
  }),
  llama('qwen3-235b-a22b', [94, 4096, 64, 1536, 151936], 'Qwen/Qwen3-235B-A22B', {
    kvHeads: 4,
    experts: { count: 128, active: 8 },
  }),
  llama('gpt-oss-20b', [24, 2880, 64, 2880, 201088], 'openai/gpt-oss-20b', {
    headDim: 64,
    experts: { count: 32, active: 4 },
    sliding: { layers: 12, window: 128 },
    weights: 'fp4',
  }),
  llama('gpt-oss-120b', [36, 2880, 64, 2880, 201088], 'openai/gpt-oss-120b', {
    headDim: 64,
    experts: { count: 128, active: 4 },
    sliding: { layers: 18, window: 128 },
    weights: 'fp4',
  }),
  llama('deepseek-v3', [61, 7168, 128, 2048, 129280], 'deepseek-ai/DeepSeek-V3', {
    kvHeads: 128,
    headDim: 192,
    latent: { kvRank: 512, ropeDim: 64, valueDim: 128, queryRank: 1536 },
    experts: { count: 256, active: 8, sharedForward: 2048, dense: { layers: 3, feedForward: 18432 } },
    weights: 'fp8',
  }),
  llama('gpt-j-6b', [28, 4096, 16, 16384, 50400], 'EleutherAI/gpt-j-6b', {
    kvHeads: 16,
    headDim: 256,
    gated: false,
  }),
];

/** A product of a layer: tokens x inputs times inputs x outputs. */
export interface Projection {
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
}

/** The products of a layer's attention, with so many of its heads. */
export function attentionProjections(
  { hidden, headDim, latent }: TransformerModel,
  heads: number,
  kvHeads: number,
): readonly Projection[] {
  if (!latent) {
    return [
      { name: 'queries, keys, values', outputs: (heads + 2 * kvHeads) * headDim, inputs: hidden },
      { name: 'attention output', outputs: hidden, inputs: heads * headDim },
    ];
  }
  const { kvRank, ropeDim, valueDim, queryRank } = latent;
  const queries: readonly Projection[] =
    queryRank === undefined
      ? [{ name: 'queries', outputs: heads * headDim, inputs: hidden }]
      : [
          { name: 'queries, down', outputs: queryRank, inputs: hidden },
          { name: 'queries, up', outputs: heads * headDim, inputs: queryRank },
        ];
  return [
    ...queries,
    { name: 'keys and values, down', outputs: kvRank + ropeDim, inputs: hidden },
    { name: 'keys and values, up', outputs: heads * (headDim - ropeDim + valueDim), inputs: kvRank },
    { name: 'attention output', outputs: hidden, inputs: heads * valueDim },
  ];
}

/** Weights of all layers, with so many of the experts. */
function layerWeights(model: TransformerModel, experts: number): number {
  const { layers, hidden, heads, kvHeads, feedForward, gated } = model;
  const attention = attentionProjections(model, heads, kvHeads).reduce(
    (sum, { outputs, inputs }) => sum + outputs * inputs,
    0,
  );
  const { sharedForward = 0, dense = { layers: 0, feedForward: 0 } } = model.experts ?? {};
  const widths =
    (layers - dense.layers) * (feedForward * experts + sharedForward) + dense.layers * dense.feedForward;
  return layers * attention + (gated ? 3 : 2) * hidden * widths;
}

/** All weights: layers and embeddings; norms and biases are a ten-thousandth of them and left out. */
export function parameterCount(model: TransformerModel): number {
  const embeddings = model.vocabulary * model.hidden * (model.tiedEmbeddings ? 1 : 2);
  return layerWeights(model, model.experts?.count ?? 1) + embeddings;
}

/** Weights that one token is multiplied with: of the experts those that it goes to, of the embeddings the last projection. */
export function activeParameterCount(model: TransformerModel): number {
  return layerWeights(model, model.experts?.active ?? 1) + model.vocabulary * model.hidden;
}

/** Bytes of keys and values that a sequence of so many tokens has in the cache. */
export function kvBytes(model: TransformerModel, bytesPerElement: number, tokens: number): number {
  const { layers, kvHeads, headDim, latent, sliding = { layers: 0, window: 0 } } = model;
  const perToken = latent ? latent.kvRank + latent.ropeDim : 2 * kvHeads * headDim;
  const kept = (layers - sliding.layers) * tokens + sliding.layers * Math.min(tokens, sliding.window);
  return perToken * kept * bytesPerElement;
}
