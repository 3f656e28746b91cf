import * as v from 'valibot';
import type { WeightFormat } from './weights.ts';

const name = v.nullish(v.string('must be a string'));
const bits = v.nullish(v.number('must be a number'));

/** `quantization_config` of a Hugging Face `config.json`, as the libraries that quantise write it. */
export const quantizationSchema = v.nullish(
  v.object({
    quant_method: name,
    /** AWQ, GPTQ. */
    bits,
    /** bitsandbytes. */
    load_in_4bit: v.nullish(v.boolean()),
    load_in_8bit: v.nullish(v.boolean()),
    /** NVIDIA's ModelOpt. */
    quant_algo: name,
    /** compressed-tensors: how groups of layers are stored; nearly always one. */
    config_groups: v.nullish(
      v.record(v.string(), v.object({ weights: v.nullish(v.object({ num_bits: bits, type: name })) })),
    ),
  }),
);

/** The format that weights are stored in; `undefined` where it is none that the estimate knows. */
export function formatOf(config: v.InferOutput<typeof quantizationSchema>): WeightFormat | undefined {
  if (config == null) return undefined;
  const { quant_method: method = '', quant_algo: algorithm, config_groups: groups } = config;
  const kind = `${method} ${algorithm ?? ''}`.toLowerCase();
  if (/fp4/.test(kind)) return 'fp4';
  if (/fp8/.test(kind)) return 'fp8';
  const [stored] = Object.values(groups ?? {}).map(({ weights }) => weights);
  const width =
    config.bits ?? stored?.num_bits ?? (config.load_in_4bit ? 4 : config.load_in_8bit ? 8 : undefined);
  const floating = stored?.type === 'float';
  if (width === 8) return floating ? 'fp8' : 'int8';
  if (width === 4) return floating ? 'fp4' : 'q4';
  return undefined;
}
