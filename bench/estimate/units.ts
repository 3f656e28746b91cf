import { accelerators } from '../catalog/index.ts';
import type { Accelerator, ArithmeticUnit } from '../catalog/index.ts';

/**
 * Architectures whose Vulkan drivers have cooperative matrices, which WebGPU's subgroup matrices are made of: NVIDIA from
 * Turing on (https://github.com/ggml-org/llama.cpp/pull/10597: "RTX 2000 and newer"). AMD's from RDNA 3 on have
 * them too, but no tensor rate of theirs is in the catalogue.
 */
const SUBGROUP_MATRIX_ARCHITECTURES: ReadonlySet<string> = new Set([
  'Turing',
  'Ampere',
  'Ada Lovelace',
  'Hopper',
  'Hopper+Grace',
  'Blackwell',
  'Blackwell Ultra',
  'Rubin',
]);

/**
 * Hopper reaches its full tensor rate through wgmma instructions only; cooperative matrices compile to mma.sync, which was
 * measured at 62.9% of the peak (arXiv 2501.12084, H800). A public Vulkan benchmark of a GH200 agrees: 608 of 989 TFLOP/s.
 */
const HOPPER_TENSOR_CEILING = {
  fraction: 0.629,
  source:
    'arXiv 2501.12084: mma.sync on Hopper reaches 62.9% of the tensor peak; cooperative matrices compile to it',
};

/** The rate that an operation's arithmetic runs at on an accelerator, with nothing lost. */
export interface ResolvedUnit {
  readonly unit: ArithmeticUnit;
  readonly peakTflops: number | undefined;
  /** The share of the peak that WebGPU's instructions can reach at all, where it is known to be below 1. */
  readonly ceiling: { readonly fraction: number; readonly source: string } | undefined;
  readonly assumptions: readonly string[];
}

/** Whether a unit is a matrix unit rather than the vector lanes. */
export function isTensorUnit(unit: ArithmeticUnit): boolean {
  return unit.endsWith('Tensor');
}

/**
 * Chooses the unit that really does an operation's arithmetic. Half precision asks for tensor cores: where WebGPU cannot
 * reach them it runs at the fp32 rate, because the kernels accumulate in f32. Single precision never uses TF32: that
 * would be another result. Accelerators beyond WebGPU are taken at their own matrix units, for comparison.
 */
export function resolveUnit(wanted: ArithmeticUnit, accelerator: Accelerator): ResolvedUnit {
  const peaks = accelerator.peakTflops;
  const plain = (unit: ArithmeticUnit, ...assumptions: string[]): ResolvedUnit => ({
    unit,
    peakTflops: peaks[unit],
    ceiling: undefined,
    assumptions,
  });
  if (wanted === 'fp16Vector') {
    if (peaks.fp16Vector !== undefined) return plain(wanted);
    return plain('fp32', 'The fp16 vector rate is unknown; the fp32 rate stands in for it.');
  }
  if (wanted !== 'fp16Tensor') return plain(wanted);

  if (accelerator.webgpu !== 'yes') {
    const unit =
      peaks.fp16Tensor === undefined && peaks.bf16Tensor !== undefined ? 'bf16Tensor' : 'fp16Tensor';
    return unit === wanted
      ? plain(wanted)
      : plain(unit, 'No fp16 rate is published; the bf16 rate stands in for it.');
  }
  if (!SUBGROUP_MATRIX_ARCHITECTURES.has(accelerator.architecture ?? '')) {
    return plain(
      'fp32',
      'WebGPU reaches no matrix unit here: f16 runs at the fp32 rate, accumulating in f32.',
    );
  }
  const hopper = accelerator.architecture?.startsWith('Hopper') === true;
  return { ...plain(wanted), ceiling: hopper ? HOPPER_TENSOR_CEILING : undefined };
}

/** The lowest and highest ratio of arithmetic peak to bandwidth, in FLOP/byte, of all accelerators that have both. */
export function ridgeRange(unit: ArithmeticUnit): { readonly lowest: number; readonly highest: number } {
  const ridges = accelerators.flatMap(({ peakTflops, memoryGigabytesPerSecond }) => {
    const peak = peakTflops[unit];
    return peak === undefined || memoryGigabytesPerSecond === undefined
      ? []
      : [(peak * 1e3) / memoryGigabytesPerSecond];
  });
  return { lowest: Math.min(...ridges), highest: Math.max(...ridges) };
}
