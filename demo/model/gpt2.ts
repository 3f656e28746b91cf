import { attentionWithCache, layerNorm, matmul, writeCache, type Tensor } from 'tilewise';
import { spec, type Architecture } from './architecture.ts';
import type { ModelConfig } from './config.ts';
import { scoped } from './scope.ts';
import type { Matrix, ModelSpecs, WeightSpec, Weights } from './weights.ts';

type Gpt2Config = Extract<ModelConfig, { readonly kind: 'gpt2' }>;

const MATRICES = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'] as const;
const NORMS = ['ln_1', 'ln_2'] as const;

type Part = (typeof MATRICES)[number] | (typeof NORMS)[number];

/** A product's matrix, or a norm's scale, with the bias. */
interface Weighted<W = Matrix> {
  readonly weight: W;
  readonly bias: Tensor<'f32'>;
}

type Layer = Record<(typeof MATRICES)[number], Weighted> &
  Record<(typeof NORMS)[number], Weighted<Tensor<'f32'>>>;

function shapeOf({ dim, hidden }: Gpt2Config, part: Part): readonly number[] {
  switch (part) {
    case 'attn.c_attn':
      return [dim, 3 * dim];
    case 'attn.c_proj':
      return [dim, dim];
    case 'mlp.c_fc':
      return [dim, hidden];
    case 'mlp.c_proj':
      return [hidden, dim];
    default:
      return [dim];
  }
}

const partSpecs = (config: Gpt2Config, layer: number, part: Part): Record<keyof Weighted, WeightSpec> => {
  const shape = shapeOf(config, part);
  return {
    weight: spec(`h.${layer}.${part}.weight`, ...shape),
    bias: spec(`h.${layer}.${part}.bias`, shape.at(-1)!),
  };
};

const embeddingSpec = ({ vocabulary, dim }: Gpt2Config): WeightSpec => spec('wte.weight', vocabulary, dim);
const positionSpec = ({ context, dim }: Gpt2Config): WeightSpec => spec('wpe.weight', context, dim);

const headSpec = (config: Gpt2Config): WeightSpec =>
  config.tied ? embeddingSpec(config) : spec('lm_head.weight', config.vocabulary, config.dim);

/** Names are without the `transformer.` that some files put before them. */
export function gpt2Specs(config: Gpt2Config): ModelSpecs {
  const layers = Array.from({ length: config.layers }, (_, layer) =>
    [...MATRICES, ...NORMS].flatMap((part) => Object.values(partSpecs(config, layer, part))),
  );
  const final = [spec('ln_f.weight', config.dim), spec('ln_f.bias', config.dim)];
  return {
    host: [embeddingSpec(config), positionSpec(config)],
    device: [...layers.flat(), ...final, headSpec(config)].map((one) => [one]),
  };
}

/** Uploads the weights of a GPT-2: layer norms, learned positions, GELU. Its matrices are stored as [inputs, outputs]. */
export async function loadGpt2(
  weights: Weights,
  config: Gpt2Config,
  onProgress: (done: number) => void,
): Promise<Architecture> {
  const { dim, heads, headDim, epsilon } = config;
  const embedding = await weights.embedding(embeddingSpec(config));
  const positionRows = await weights.embedding(positionSpec(config));
  const layers: Layer[] = [];
  for (let i = 0; i < config.layers; i++) {
    const product = async (part: (typeof MATRICES)[number]): Promise<Weighted> => {
      const { weight, bias } = partSpecs(config, i, part);
      return { weight: await weights.matrix([weight]), bias: await weights.vector(bias) };
    };
    const norm = async (part: (typeof NORMS)[number]): Promise<Weighted<Tensor<'f32'>>> => {
      const { weight, bias } = partSpecs(config, i, part);
      return { weight: await weights.vector(weight), bias: await weights.vector(bias) };
    };
    layers.push({
      ln_1: await norm('ln_1'),
      'attn.c_attn': await product('attn.c_attn'),
      'attn.c_proj': await product('attn.c_proj'),
      ln_2: await norm('ln_2'),
      'mlp.c_fc': await product('mlp.c_fc'),
      'mlp.c_proj': await product('mlp.c_proj'),
    });
    onProgress((i + 1) / (config.layers + 1));
  }
  const finalNorm = {
    scale: await weights.vector(spec('ln_f.weight', dim)),
    bias: await weights.vector(spec('ln_f.bias', dim)),
  };
  const head = await weights.matrix([headSpec(config)]);
  const layout = 'bshd';
  return {
    config,
    embed(tokens, position) {
      const all = new Float32Array(tokens.length * dim);
      for (const [index, token] of tokens.entries()) {
        const place = positionRows.row(position + index);
        const row = embedding.row(token);
        for (let i = 0; i < dim; i++) all[index * dim + i] = row[i]! + place[i]!;
      }
      return all;
    },
    layer: (index, x, cache, { positions, lengths }, observe) =>
      scoped((keep) => {
        const layer = layers[index]!;
        const tokens = x.shape[0]!;
        const norm = (part: 'ln_1' | 'ln_2', input: Tensor<'f32'>): Tensor<'f32'> =>
          keep(layerNorm(input, { scale: layer[part].weight, bias: layer[part].bias, epsilon }));
        const { weight: matrix, bias } = layer['attn.c_attn'];
        const product = keep(matmul(norm('ln_1', x), matrix, { bias }));
        const qkv = keep(product.reshape([1, tokens, 3 * heads, headDim]));
        const q = keep(qkv.slice(2, 0, heads));
        const k = keep(qkv.slice(2, heads, 2 * heads));
        const v = keep(qkv.slice(2, 2 * heads, 3 * heads));
        writeCache(cache, k, v, { positions, layout });
        observe?.(index, q, k);
        const seen = keep(attentionWithCache(q, cache, { lengths, causal: true, layout }));
        const flat = keep(seen.reshape([tokens, dim]));
        const { weight: output, bias: outputBias } = layer['attn.c_proj'];
        const middle = keep(matmul(flat, output, { bias: outputBias, residual: x }));
        const { weight: up, bias: upBias } = layer['mlp.c_fc'];
        const inner = keep(matmul(norm('ln_2', middle), up, { bias: upBias, activation: 'geluTanh' }));
        const { weight: down, bias: downBias } = layer['mlp.c_proj'];
        return matmul(inner, down, { bias: downBias, residual: middle });
      }),
    logits: (x) =>
      scoped((keep) => {
        const tokens = x.shape[0]!;
        const last = keep(x.slice(0, tokens - 1, tokens));
        const normed = keep(layerNorm(last, { ...finalNorm, epsilon }));
        return matmul(normed, head, { transposeB: true });
      }),
  };
}
