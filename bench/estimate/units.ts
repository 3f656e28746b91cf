import { accelerators } from '../catalog/index.ts';
import type { Accelerator, ArithmeticUnit } from '../catalog/index.ts';
import type { Profile } from './types.ts';

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

/** Operands of subgroup matrices that Dawn has: f16, and 8-bit integers (chromium_experimental_subgroup_matrix). */
const WEBGPU_MATRIX_UNITS: ReadonlySet<ArithmeticUnit> = new Set(['fp16Tensor', 'int8Tensor']);

function isMatrixUnit(unit: ArithmeticUnit): boolean {
  return unit.endsWith('Tensor');
}

/** The unit that really does an operation's arithmetic on an accelerator. */
export interface ResolvedUnit {
  readonly unit: ArithmeticUnit;
  readonly assumptions: readonly string[];
}

/** Whether an accelerator's figures are for kernels of this project: it is one that WebGPU reaches, or may reach. */
export function runsTilewise({ webgpu }: Accelerator, profile: Profile): boolean {
  return profile === 'tilewise' && webgpu !== 'no';
}

/**
 * Half precision asks for matrix units: where WebGPU cannot reach them, kernels of this project run at the fp32 rate, because
 * they accumulate in f32. Single precision never uses TF32: that would be another result. Vendors' libraries, and
 * accelerators beyond WebGPU, are taken at their own matrix units.
 */
export function resolveUnit(
  wanted: ArithmeticUnit,
  accelerator: Accelerator,
  profile: Profile = 'tilewise',
): ResolvedUnit {
  const peaks = accelerator.peakTflops;
  if (wanted === 'fp16Vector' && peaks.fp16Vector === undefined) {
    const instead = 'The fp16 vector rate is unknown; the fp32 rate stands in for it.';
    return { unit: 'fp32', assumptions: [instead] };
  }
  if (isMatrixUnit(wanted) && runsTilewise(accelerator, profile) && accelerator.webgpu === 'yes') {
    if (!SUBGROUP_MATRIX_ARCHITECTURES.has(accelerator.architecture ?? '')) {
      const instead = 'WebGPU reaches no matrix unit here: f16 runs at the fp32 rate, accumulating in f32.';
      return { unit: 'fp32', assumptions: [instead] };
    }
    if (WEBGPU_MATRIX_UNITS.has(wanted)) return { unit: wanted, assumptions: [] };
    const instead = `WebGPU's matrices have no ${wanted.replace('Tensor', '')} operands: they are multiplied as f16.`;
    return { unit: 'fp16Tensor', assumptions: [instead] };
  }
  if (wanted !== 'fp16Tensor' && wanted !== 'bf16Tensor') return { unit: wanted, assumptions: [] };
  const other = wanted === 'fp16Tensor' ? 'bf16Tensor' : 'fp16Tensor';
  if (peaks[wanted] !== undefined || peaks[other] === undefined) return { unit: wanted, assumptions: [] };
  const [missing, taken] = [wanted, other].map((unit) => unit.slice(0, 4));
  return {
    unit: other,
    assumptions: [`No ${missing} rate is published; the ${taken} rate stands in for it.`],
  };
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
