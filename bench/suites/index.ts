import { attentionWorkloads, comparedAttention } from './attention.ts';
import { elementwiseWorkloads } from './elementwise.ts';
import { gradientWorkloads } from './gradients.ts';
import { comparedProducts, matmulWorkloads } from './matmul.ts';
import { mlpWorkloads } from './mlp.ts';
import { LLAMA_3_1_8B, type ModelShape } from './model.ts';
import { comparedNorms, normWorkloads } from './norm.ts';
import { comparedReductions, reductionWorkloads } from './reduction.ts';
import { comparedScans, scanWorkloads } from './scan.ts';
import { selectionWorkloads } from './selection.ts';
import { comparedSoftmax, softmaxWorkloads } from './softmax.ts';
import { comparedSorts, sortWorkloads } from './sort.ts';
import type { Extent, Workload } from './workload.ts';

export { LLAMA_3_1_8B, type ModelShape } from './model.ts';
export type { Extent, Workload } from './workload.ts';

/** Everything that is timed for a model; half precision where the adapter has it. */
export function allWorkloads(model: ModelShape, halfPrecision: boolean, extent: Extent): Workload[] {
  const dtype = halfPrecision ? 'f16' : 'f32';
  return [
    matmulWorkloads,
    mlpWorkloads,
    attentionWorkloads,
    reductionWorkloads,
    softmaxWorkloads,
    scanWorkloads,
    sortWorkloads,
    normWorkloads,
    gradientWorkloads,
    elementwiseWorkloads,
    selectionWorkloads,
  ].flatMap((make) => make(model, dtype, extent));
}

/** Everything that is compared with other libraries for a model; in half precision too where the adapter has it. */
export function comparedWorkloads(model: ModelShape, halfPrecision: boolean, extent: Extent): Workload[] {
  const dtypes = halfPrecision ? (['f32', 'f16'] as const) : (['f32'] as const);
  return [
    comparedProducts,
    comparedAttention,
    comparedReductions,
    comparedSoftmax,
    comparedNorms,
    comparedScans,
    comparedSorts,
  ].flatMap((make) => dtypes.flatMap((dtype) => make(model, dtype, extent)));
}

/** What the user may name: families, and the operations in them. */
export function workloadNames(): string[] {
  const workloads = allWorkloads(LLAMA_3_1_8B, true, 'full');
  return [...new Set(workloads.flatMap(({ family, op }) => [family, op]))];
}

/** Those of which the operation or the family is named; all where nothing is. */
export function workloadsNamed(
  workloads: readonly Workload[],
  names: readonly string[] = [],
): readonly Workload[] {
  if (names.length === 0) return workloads;
  return workloads.filter(({ op, family }) => names.includes(op) || names.includes(family));
}
