import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { probit } from 'simple-statistics';

/** The sizes of a Llama-type model, named as in its config.json. */
export interface TrainedConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly rope_theta: number;
}

/** A weight on the host. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * All weights, by the names of Llama's checkpoints: norms 1, the others normally distributed. Those that write to the residual
 * stream are smaller, by the square root of how many do (Radford et al. 2019).
 */
export function initialParameters(config: TrainedConfig, seed: number): Parameter[] {
  const { hidden_size: dim, intermediate_size: hidden, head_dim: headDim } = config;
  const random = xoroshiro128plus(seed);
  const matrix = (name: string, rows: number, columns: number, deviation: number): Parameter => ({
    name: `${name}.weight`,
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, () => {
      // The middle of 2^-53 wide steps: the inverse of the normal distribution has no ends.
      return deviation * probit(uniformFloat64(random) + 2 ** -54);
    }),
  });
  const norm = (name: string): Parameter => ({
    name: `${name}.weight`,
    shape: [dim],
    values: new Float32Array(dim).fill(1),
  });
  const heads = config.num_attention_heads * headDim;
  const kvHeads = config.num_key_value_heads * headDim;
  const inward = 1 / Math.sqrt(dim);
  const outward = 1 / Math.sqrt(2 * config.num_hidden_layers);
  const layers = Array.from({ length: config.num_hidden_layers }, (_, i) => {
    const at = `model.layers.${i}`;
    return [
      norm(`${at}.input_layernorm`),
      matrix(`${at}.self_attn.q_proj`, heads, dim, inward),
      matrix(`${at}.self_attn.k_proj`, kvHeads, dim, inward),
      matrix(`${at}.self_attn.v_proj`, kvHeads, dim, inward),
      matrix(`${at}.self_attn.o_proj`, dim, heads, outward / Math.sqrt(heads)),
      norm(`${at}.post_attention_layernorm`),
      matrix(`${at}.mlp.gate_proj`, hidden, dim, inward),
      matrix(`${at}.mlp.up_proj`, hidden, dim, inward),
      matrix(`${at}.mlp.down_proj`, dim, hidden, outward / Math.sqrt(hidden)),
    ];
  });
  return [matrix('model.embed_tokens', config.vocab_size, dim, inward), ...layers.flat(), norm('model.norm')];
}
