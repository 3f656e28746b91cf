/** The sizes of a transformer that decide its operations and its memory. */
export interface TransformerModel {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Whether the feed-forward layer has a gate beside its first projection, of the same shape. */
  readonly gated: boolean;
  /** Whether the embedding and the last projection share their weights. */
  readonly tiedEmbeddings: boolean;
  /** Mixture of experts: how many feed-forward layers there are, and how many a token goes through. */
  readonly experts?: { readonly count: number; readonly active: number };
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
  llama('mistral-7b', [32, 4096, 32, 14336, 32000], 'mistralai/Mistral-7B-v0.1'),
  llama('mixtral-8x7b', [32, 4096, 32, 14336, 32000], 'mistralai/Mixtral-8x7B-v0.1', {
    experts: { count: 8, active: 2 },
  }),
  llama('qwen2.5-7b', [28, 3584, 28, 18944, 152064], 'Qwen/Qwen2.5-7B', { kvHeads: 4 }),
  llama('qwen2.5-72b', [80, 8192, 64, 29568, 152064], 'Qwen/Qwen2.5-72B'),
  llama('qwen3-8b', [36, 4096, 32, 12288, 151936], 'Qwen/Qwen3-8B'),
  llama('gpt-j-6b', [28, 4096, 16, 16384, 50400], 'EleutherAI/gpt-j-6b', {
    kvHeads: 16,
    headDim: 256,
    gated: false,
  }),
];

/** Weights of the projections of one layer, all experts counted. */
function layerWeights(model: TransformerModel): number {
  const { hidden, heads, kvHeads, headDim, feedForward, gated, experts } = model;
  const attention = hidden * headDim * (2 * heads + 2 * kvHeads);
  return attention + (gated ? 3 : 2) * hidden * feedForward * (experts?.count ?? 1);
}

/** All weights: layers and embeddings; norms and biases are a ten-thousandth of them and left out. */
export function parameterCount(model: TransformerModel): number {
  const embeddings = model.vocabulary * model.hidden * (model.tiedEmbeddings ? 1 : 2);
  return model.layers * layerWeights(model) + embeddings;
}

/** Bytes of keys and values that one token leaves in the cache. */
export function kvBytesPerToken(model: TransformerModel, bytesPerElement: number): number {
  return 2 * model.layers * model.kvHeads * model.headDim * bytesPerElement;
}
