import { openDevice } from 'tilewise';
import { familyOf } from '../workloads/families.ts';
import { F32_UNIT, roundingUnit, smallestNormal } from '../workloads/rounding.ts';
import type { Evaluate, Workload } from '../workloads/workload.ts';

/** How a result compares with the CPU path. */
export interface Comparison {
  readonly passed: boolean;
  /** Elements that were compared, of how many. */
  readonly compared: number;
  readonly of: number;
  /** Largest absolute difference found. */
  readonly maxError: number;
  /** What was allowed where the error came closest to it. */
  readonly tolerance: number;
  /** What is wrong, where something is. */
  readonly fault?: string;
}

/**
 * Compares a result with the CPU path: whole where that is quick, else in samples. All of it must be finite, since all inputs are.
 * The tolerance is the rounding that the operation may do, element by element.
 */
export async function checkResult(
  workload: Workload,
  operands: readonly Float32Array[],
  output: ArrayLike<number>,
): Promise<Comparison> {
  const family = familyOf(workload);
  let compared = 0;
  let maxError = 0;
  let tolerance = 0;
  let closest = -1;
  let fault: string | undefined;
  for (const sample of family.samples(workload, operands)) {
    const expected = await evaluateOnCpu(sample.workload, sample.operands);
    const slack = await family.slack(sample.workload, sample.operands, expected, evaluateOnCpu);
    for (let i = 0; i < expected.length; i++) {
      const index = sample.indexInWhole(i);
      const want = expected[i]!;
      const error = Math.abs(output[index]! - want);
      const allowed = tolerated(workload, want, slack[i]!);
      if (error > maxError) maxError = error;
      const ratio = error === 0 ? 0 : error / allowed;
      if (ratio <= closest) continue;
      closest = ratio;
      tolerance = allowed;
      if (!(ratio <= 1)) fault = `element ${index} is ${output[index]}, the CPU path gives ${want}`;
    }
    compared += expected.length;
  }
  fault ??= firstNonFinite(output);
  const comparison = { passed: fault === undefined, compared, of: output.length, maxError, tolerance };
  return fault === undefined ? comparison : { ...comparison, fault };
}

/** Adds the rounding of the GPU's result to its type and of the CPU's to f32; a type's smallest numbers may become zero. */
function tolerated({ dtype }: Workload, want: number, slack: number): number {
  if (slack === 0) return 0;
  return slack + (roundingUnit(dtype) + F32_UNIT) * (Math.abs(want) + slack) + smallestNormal(dtype);
}

function firstNonFinite(output: ArrayLike<number>): string | undefined {
  for (let i = 0; i < output.length; i++) {
    if (!Number.isFinite(output[i]!)) return `element ${i} is ${output[i]}, though every input is finite`;
  }
  return undefined;
}

/** The CPU path, in f32: half-precision operands are exact in it, and its result is then finer than the GPU's. */
const evaluateOnCpu: Evaluate<Workload> = async (workload, operands) => {
  const cpu = await openDevice({ backend: 'cpu' });
  const family = familyOf(workload);
  const shapes = family.operands(workload);
  const tensors = operands.map((data, index) => cpu.tensor(data, shapes[index]!.shape));
  return family.run(workload, tensors).read();
};
