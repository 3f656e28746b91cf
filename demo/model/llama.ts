import { attentionWithCache, matmul, rmsNorm, rotary, writeCache, type Tensor } from 'tilewise';
import { spec, type Architecture } from './architecture.ts';
import type { ModelConfig } from './config.ts';
import { rotaryTables } from './rotaryTables.ts';
import { scoped } from './scope.ts';
import { concatenate, type Matrix, type ModelSpecs, type Weights, type WeightSpec } from './weights.ts';

type LlamaConfig = Extract<ModelConfig, { readonly kind: 'llama' }>;

interface Layer {
  readonly attentionNorm: Tensor<'f32'>;
  readonly qkv: Matrix;
  readonly output: Matrix;
  readonly feedForwardNorm: Tensor<'f32'>;
  readonly gateAndUp: Matrix;
  readonly down: Matrix;
}

function layerSpecs(
  config: LlamaConfig,
  index: number,
): Record<keyof Layer, readonly [WeightSpec, ...WeightSpec[]]> {
  const { dim, hidden, headDim } = config;
  const heads = config.heads * headDim;
  const kvHeads = config.kvHeads * headDim;
  const weight = (name: string, ...shape: readonly number[]): WeightSpec =>
    spec(`layers.${index}.${name}.weight`, ...shape);
  return {
    attentionNorm: [weight('input_layernorm', dim)],
    qkv: [
      weight('self_attn.q_proj', heads, dim),
      weight('self_attn.k_proj', kvHeads, dim),
      weight('self_attn.v_proj', kvHeads, dim),
    ],
    output: [weight('self_attn.o_proj', dim, heads)],
    feedForwardNorm: [weight('post_attention_layernorm', dim)],
    gateAndUp: [weight('mlp.gate_proj', hidden, dim), weight('mlp.up_proj', hidden, dim)],
    down: [weight('mlp.down_proj', dim, hidden)],
  };
}

const embeddingSpec = ({ vocabulary, dim }: LlamaConfig): WeightSpec =>
  spec('embed_tokens.weight', vocabulary, dim);

const headSpec = (config: LlamaConfig): WeightSpec =>
  config.tied ? embeddingSpec(config) : spec('lm_head.weight', config.vocabulary, config.dim);

/** Names are without the `model.` that most files put before them. */
export function llamaSpecs(config: LlamaConfig): ModelSpecs {
  const layers = Array.from({ length: config.layers }, (_, i) => Object.values(layerSpecs(config, i)));
  return {
    host: [embeddingSpec(config)],
    device: [...layers.flat(), [spec('norm.weight', config.dim)], [headSpec(config)]],
  };
}

/** Uploads the weights of a Llama-type model: RMS norms, rotary embedding, grouped queries, SwiGLU. */
export async function loadLlama(
  weights: Weights,
  config: LlamaConfig,
  capacity: number,
  onProgress: (done: number) => void,
): Promise<Architecture> {
  const { heads, kvHeads, headDim, epsilon } = config;
  const embedding = await weights.embedding(embeddingSpec(config));
  const layers: Layer[] = [];
  for (let i = 0; i < config.layers; i++) {
    const specs = layerSpecs(config, i);
    layers.push({
      attentionNorm: await weights.vector(specs.attentionNorm[0]),
      qkv: await weights.matrix(specs.qkv),
      output: await weights.matrix(specs.output),
      feedForwardNorm: await weights.vector(specs.feedForwardNorm[0]),
      gateAndUp: await weights.matrix(specs.gateAndUp),
      down: await weights.matrix(specs.down),
    });
    onProgress((i + 1) / (config.layers + 1));
  }
  const norm = await weights.vector(spec('norm.weight', config.dim));
  const head = await weights.matrix([headSpec(config)]);
  const turns = rotaryTables(headDim, capacity, config.rope);
  const table = (values: Float32Array): Tensor<'f32'> => weights.computed(values, [capacity, headDim / 2]);
  const tables = { cos: table(turns.cos), sin: table(turns.sin) };
  const layout = 'bshd';
  return {
    config,
    embed: (tokens) => concatenate(tokens.map((token) => embedding.row(token))),
    layer: (index, x, cache, place, observe) =>
      scoped((keep) => {
        const layer = layers[index]!;
        const tokens = x.shape[0]!;
        const normed = keep(rmsNorm(x, { scale: layer.attentionNorm, epsilon }));
        const all = [1, tokens, heads + 2 * kvHeads, headDim];
        const qkv = keep(keep(matmul(normed, layer.qkv, { transposeB: true })).reshape(all));
        const q = keep(qkv.slice(2, 0, heads));
        const k = keep(qkv.slice(2, heads, heads + kvHeads));
        const v = keep(qkv.slice(2, heads + kvHeads, heads + 2 * kvHeads));
        const { positions, lengths } = place;
        writeCache(cache, k, v, { positions, rotary: tables, layout });
        const turned = keep(rotary(q, tables, { positions, layout }));
        if (observe) observe(index, turned, keep(rotary(k, tables, { positions, layout })));
        const seen = keep(attentionWithCache(turned, cache, { lengths, causal: true, layout }));
        const flat = keep(seen.reshape([tokens, heads * headDim]));
        const middle = keep(matmul(flat, layer.output, { transposeB: true, residual: x }));
        const input = keep(rmsNorm(middle, { scale: layer.feedForwardNorm, epsilon }));
        const gated = { transposeB: true, gated: true, activation: 'silu' } as const;
        const inner = keep(matmul(input, layer.gateAndUp, gated));
        return matmul(inner, layer.down, { transposeB: true, residual: middle });
      }),
    logits: (x) =>
      scoped((keep) => {
        const tokens = x.shape[0]!;
        const last = keep(x.slice(0, tokens - 1, tokens));
        const normed = keep(rmsNorm(last, { scale: norm, epsilon }));
        return matmul(normed, head, { transposeB: true });
      }),
  };
}
