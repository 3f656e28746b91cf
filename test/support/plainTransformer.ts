// GPT-2 and Llama-type models once more, in plain loops of f64: what the demo's models are compared with.
import { Float16Array } from '@petamoriken/float16';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { encodeSafetensors } from '../../demo/train/safetensors.ts';

type Matrix = readonly Float64Array[];

interface PlainTensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Weights by name, and config.json. */
export interface PlainModel {
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: ReadonlyMap<string, PlainTensor>;
}

export const llamaConfig = {
  model_type: 'llama',
  vocab_size: 61,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  head_dim: 10,
  max_position_embeddings: 48,
  rms_norm_eps: 1e-5,
  rope_theta: 500,
  tie_word_embeddings: false,
  eos_token_id: 60,
};

export const gpt2Config = {
  model_type: 'gpt2',
  vocab_size: 53,
  n_embd: 24,
  n_layer: 2,
  n_head: 3,
  n_positions: 40,
  layer_norm_epsilon: 1e-5,
  tie_word_embeddings: true,
  eos_token_id: 52,
};

/** Random weights that a file of `dtype` holds exactly. */
function randomWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: number,
): PlainModel['weights'] {
  const random = xoroshiro128plus(seed);
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const length = shape.reduce((product, axis) => product * axis, 1);
      // Multiples of 1/64 below 1.5: exact in every type that a file may have.
      const values = Float64Array.from(
        { length },
        () =>
          Math.round((uniformFloat64(random) - 0.5) * 64) / 64 +
          (name.includes('norm') || /ln_.*weight/.test(name) ? 1 : 0),
      );
      return [name, { shape, values }];
    }),
  );
}

export function randomLlama(seed: number, overrides: Partial<typeof llamaConfig> = {}): PlainModel {
  const config = { ...llamaConfig, ...overrides };
  const { hidden_size: dim, head_dim: headDim, intermediate_size: hidden } = config;
  const shapes: Record<string, readonly number[]> = { 'model.embed_tokens.weight': [config.vocab_size, dim] };
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const at = `model.layers.${i}`;
    shapes[`${at}.input_layernorm.weight`] = [dim];
    shapes[`${at}.self_attn.q_proj.weight`] = [config.num_attention_heads * headDim, dim];
    shapes[`${at}.self_attn.k_proj.weight`] = [config.num_key_value_heads * headDim, dim];
    shapes[`${at}.self_attn.v_proj.weight`] = [config.num_key_value_heads * headDim, dim];
    shapes[`${at}.self_attn.o_proj.weight`] = [dim, config.num_attention_heads * headDim];
    shapes[`${at}.post_attention_layernorm.weight`] = [dim];
    shapes[`${at}.mlp.gate_proj.weight`] = [hidden, dim];
    shapes[`${at}.mlp.up_proj.weight`] = [hidden, dim];
    shapes[`${at}.mlp.down_proj.weight`] = [dim, hidden];
  }
  shapes['model.norm.weight'] = [dim];
  if (!config.tie_word_embeddings) shapes['lm_head.weight'] = [config.vocab_size, dim];
  return { config, weights: randomWeights(shapes, seed) };
}

export function randomGpt2(seed: number, overrides: Partial<typeof gpt2Config> = {}): PlainModel {
  const config = { ...gpt2Config, ...overrides };
  const { n_embd: dim, vocab_size: vocabulary, n_positions: context } = config;
  const shapes: Record<string, readonly number[]> = {
    'wte.weight': [vocabulary, dim],
    'wpe.weight': [context, dim],
  };
  for (let i = 0; i < config.n_layer; i++) {
    const parts = { ln_1: [dim], 'attn.c_attn': [dim, 3 * dim], 'attn.c_proj': [dim, dim], ln_2: [dim] };
    const all = { ...parts, 'mlp.c_fc': [dim, 4 * dim], 'mlp.c_proj': [4 * dim, dim] };
    for (const [part, shape] of Object.entries(all)) {
      shapes[`h.${i}.${part}.weight`] = shape;
      shapes[`h.${i}.${part}.bias`] = [shape.at(-1)!];
    }
  }
  shapes['ln_f.weight'] = [dim];
  shapes['ln_f.bias'] = [dim];
  if (!config.tie_word_embeddings) shapes['lm_head.weight'] = [vocabulary, dim];
  return { config, weights: randomWeights(shapes, seed) };
}

/** A model's file in one of the format's types. */
export function fileOf(model: PlainModel, dtype: 'F32' | 'F16' | 'BF16'): Blob {
  const encode = (values: Float64Array): Uint8Array => {
    if (dtype === 'F16') return new Uint8Array(new Float16Array(values).buffer);
    const singles = Float32Array.from(values);
    if (dtype === 'F32') return new Uint8Array(singles.buffer);
    return new Uint8Array(Uint16Array.from(new Uint32Array(singles.buffer), (bits) => bits >>> 16).buffer);
  };
  const tensors = [...model.weights].map(([name, { shape, values }]) => ({
    name,
    dtype,
    shape,
    bytes: encode(values),
  }));
  return new Blob([encodeSafetensors(tensors)]);
}

/** Logits of the token behind a text, and each layer's weights of attention, [heads][query][key]. */
export function plainForward(
  model: PlainModel,
  tokens: readonly number[],
): { readonly logits: Float64Array; readonly attention: readonly Matrix[][] } {
  return model.config['model_type'] === 'gpt2' ? plainGpt2(model, tokens) : plainLlama(model, tokens);
}

/** Tokens that are the likeliest, one by one. */
export function plainGreedy(model: PlainModel, prompt: readonly number[], count: number): number[] {
  const all = [...prompt];
  for (let i = 0; i < count; i++) {
    const { logits } = plainForward(model, all);
    const next = logits.indexOf(Math.max(...logits));
    if (next === model.config['eos_token_id']) break;
    all.push(next);
  }
  return all.slice(prompt.length);
}

function plainLlama(model: PlainModel, tokens: readonly number[]): ReturnType<typeof plainForward> {
  const config = model.config as typeof llamaConfig;
  const { num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim } = config;
  const get = (name: string): PlainTensor => model.weights.get(name)!;
  const norm = (x: Matrix, name: string): Matrix =>
    x.map((row) => {
      const scale = get(name).values;
      const square = row.reduce((sum, value) => sum + value * value, 0) / row.length;
      return row.map((value, i) => (value / Math.sqrt(square + config.rms_norm_eps)) * scale[i]!);
    });
  /** x W^T */
  const project = (x: Matrix, name: string): Matrix => {
    const { shape, values } = get(name);
    const [rows = 0, columns = 0] = shape;
    return x.map((row) =>
      Float64Array.from({ length: rows }, (_, r) => {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum += row[c]! * values[r * columns + c]!;
        return sum;
      }),
    );
  };
  const turn = (x: Matrix, count: number): Matrix =>
    x.map((row, position) => {
      const turned = Float64Array.from(row);
      for (let head = 0; head < count; head++) {
        for (let p = 0; p < headDim / 2; p++) {
          const angle = position * config.rope_theta ** ((-2 * p) / headDim);
          const a = head * headDim + p;
          const b = a + headDim / 2;
          turned[a] = row[a]! * Math.cos(angle) - row[b]! * Math.sin(angle);
          turned[b] = row[b]! * Math.cos(angle) + row[a]! * Math.sin(angle);
        }
      }
      return turned;
    });
  const embedding = get('model.embed_tokens.weight');
  let x = rowsOf(embedding, tokens);
  const attention: Matrix[][] = [];
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const at = `model.layers.${i}`;
    const normed = norm(x, `${at}.input_layernorm.weight`);
    const q = turn(project(normed, `${at}.self_attn.q_proj.weight`), heads);
    const k = turn(project(normed, `${at}.self_attn.k_proj.weight`), kvHeads);
    const v = project(normed, `${at}.self_attn.v_proj.weight`);
    const { seen, weights } = attend(q, k, v, heads, kvHeads, headDim);
    attention.push(weights);
    x = add(x, project(seen, `${at}.self_attn.o_proj.weight`));
    const input = norm(x, `${at}.post_attention_layernorm.weight`);
    const gates = project(input, `${at}.mlp.gate_proj.weight`);
    const ups = project(input, `${at}.mlp.up_proj.weight`);
    const inner = gates.map((row, r) => row.map((g, c) => (g / (1 + Math.exp(-g))) * ups[r]![c]!));
    x = add(x, project(inner, `${at}.mlp.down_proj.weight`));
  }
  const head = config.tie_word_embeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  return { logits: project([norm(x, 'model.norm.weight').at(-1)!], head)[0]!, attention };
}

function plainGpt2(model: PlainModel, tokens: readonly number[]): ReturnType<typeof plainForward> {
  const config = model.config as typeof gpt2Config;
  const get = (name: string): PlainTensor => model.weights.get(name)!;
  const norm = (x: Matrix, name: string): Matrix =>
    x.map((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      return row.map(
        (value, i) =>
          ((value - mean) / Math.sqrt(variance + config.layer_norm_epsilon)) *
            get(`${name}.weight`).values[i]! +
          get(`${name}.bias`).values[i]!,
      );
    });
  /** x W + b */
  const project = (x: Matrix, name: string): Matrix => {
    const { shape, values } = get(`${name}.weight`);
    const [rows = 0, columns = 0] = shape;
    const bias = get(`${name}.bias`).values;
    return x.map((row) =>
      Float64Array.from({ length: columns }, (_, c) => {
        let sum = bias[c]!;
        for (let r = 0; r < rows; r++) sum += row[r]! * values[r * columns + c]!;
        return sum;
      }),
    );
  };
  const { n_embd: dim, n_head: heads } = config;
  let x = add(rowsOf(get('wte.weight'), tokens), rowsOf(get('wpe.weight'), [...tokens.keys()]));
  const attention: Matrix[][] = [];
  for (let i = 0; i < config.n_layer; i++) {
    const qkv = project(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`);
    const part = (index: number): Matrix => qkv.map((row) => row.slice(index * dim, (index + 1) * dim));
    const { seen, weights } = attend(part(0), part(1), part(2), heads, heads, dim / heads);
    attention.push(weights);
    x = add(x, project(seen, `h.${i}.attn.c_proj`));
    const inner = project(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`).map((row) =>
      row.map((u) => 0.5 * u * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u ** 3)))),
    );
    x = add(x, project(inner, `h.${i}.mlp.c_proj`));
  }
  const last = norm(x, 'ln_f').at(-1)!;
  const head = get(config.tie_word_embeddings ? 'wte.weight' : 'lm_head.weight');
  const logits = rowsOf(head, [...Array(config.vocab_size).keys()]).map((row) =>
    row.reduce((sum, value, c) => sum + value * last[c]!, 0),
  );
  return { logits: Float64Array.from(logits), attention };
}

function rowsOf({ shape, values }: PlainTensor, indices: readonly number[]): Matrix {
  const columns = shape[1]!;
  return indices.map((index) => values.slice(index * columns, (index + 1) * columns));
}

function add(a: Matrix, b: Matrix): Matrix {
  return a.map((row, r) => row.map((value, c) => value + b[r]![c]!));
}

/** Causal attention of q [tokens][heads * headDim]. */
function attend(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  heads: number,
  kvHeads: number,
  headDim: number,
): { readonly seen: Matrix; readonly weights: Matrix[] } {
  const seen = q.map(() => new Float64Array(heads * headDim));
  const weights = Array.from({ length: heads }, (_, head) => {
    const kvHead = Math.floor(head / (heads / kvHeads));
    return q.map((query, t) => {
      const scores = k.slice(0, t + 1).map((key) => {
        let sum = 0;
        for (let d = 0; d < headDim; d++) sum += query[head * headDim + d]! * key[kvHead * headDim + d]!;
        return sum / Math.sqrt(headDim);
      });
      const most = Math.max(...scores);
      const exps = scores.map((score) => Math.exp(score - most));
      const total = exps.reduce((sum, value) => sum + value, 0);
      const row = new Float64Array(q.length);
      for (const [s, value] of exps.entries()) {
        row[s] = value / total;
        for (let d = 0; d < headDim; d++)
          seen[t]![head * headDim + d]! += row[s] * v[s]![kvHead * headDim + d]!;
      }
      return row;
    });
  });
  return { seen, weights };
}
