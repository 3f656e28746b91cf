import { reductionResultType, type ReductionKind, type ReductionProblem } from '../../reference/reduction.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { elementAliases, expOrNan, finish, order, reduce } from '../lib.ts';
import {
  accumulator,
  callerParts,
  everyExactPart,
  EXACT_STATE_BYTES,
  exactResultParts,
} from '../operator.ts';

type OperatorName = keyof typeof reduce;

interface Recipe {
  readonly operator: OperatorName;
  readonly finish: keyof typeof finish;
}

/** What makes a kernel a sum, a maximum, …: an operator, and what is stored of its state. */
const KINDS: Readonly<Record<ReductionKind, Recipe>> = {
  sum: { operator: 'sum', finish: 'same' },
  mean: { operator: 'sum', finish: 'mean' },
  prod: { operator: 'product', finish: 'same' },
  max: { operator: 'extreme', finish: 'extreme' },
  min: { operator: 'extreme', finish: 'extreme' },
  any: { operator: 'any', finish: 'same' },
  all: { operator: 'all', finish: 'same' },
  argmax: { operator: 'argExtreme', finish: 'argExtreme' },
  argmin: { operator: 'argExtreme', finish: 'argExtreme' },
  sumSquare: { operator: 'sumSquare', finish: 'same' },
  l1Norm: { operator: 'sumAbs', finish: 'same' },
  l2Norm: { operator: 'sumSquare', finish: 'sqrt' },
  logSum: { operator: 'sum', finish: 'log' },
  logSumExp: { operator: 'logSumExp', finish: 'logSumExp' },
  variance: { operator: 'moments', finish: 'variance' },
  std: { operator: 'moments', finish: 'std' },
  moments: { operator: 'moments', finish: 'variance' },
  custom: { operator: 'custom', finish: 'same' },
};

/** The same where the result has to be the same on every adapter: integers and extremes are, whatever is done. */
const REPRODUCIBLE_KINDS: Readonly<Partial<Record<ReductionKind, Recipe>>> = {
  sum: { operator: 'exactSum', finish: 'exactSum' },
  mean: { operator: 'exactSum', finish: 'exactMean' },
};

type Combined = Pick<ReductionProblem, 'kind' | 'dtype' | 'reproducible'>;

function recipeOf({ kind, dtype, reproducible }: Combined): Recipe {
  const floating = dtype === 'f32' || dtype === 'f16';
  return (reproducible && floating ? REPRODUCIBLE_KINDS[kind] : undefined) ?? KINDS[kind];
}

/** Operators that compare keys (lib/order) instead of numbers. */
const ORDERED: ReadonlySet<OperatorName> = new Set(['extreme', 'argExtreme', 'any', 'all']);

/** Bytes from one state to the next, where they are not 4: a vector of three takes as much room as one of four. */
const STATE_BYTES: Readonly<Partial<Record<OperatorName, number>>> = {
  argExtreme: 8,
  logSumExp: 8,
  moments: 16,
  exactSum: EXACT_STATE_BYTES,
};

/** All parts that `operatorShader` may use, for kernels' `parts`. */
export const everyOperatorPart: readonly ShaderPart[] = [
  ...[reduce, finish, order].flatMap((group) => Object.values<ShaderPart>(group)),
  ...everyExactPart,
  expOrNan,
];

/**
 * What a shader needs to combine elements of the problem's type: `lift`, `combine`, `identity`, and `finish`, which gives
 * the result or, if `partial`, the state itself for another pass.
 */
export function operatorShader(problem: ReductionProblem, partial = false): ShaderSource {
  const { kind, dtype } = problem;
  const { operator, finish: finisher } = recipeOf(problem);
  const acc = accumulator(dtype);
  const ordered = ORDERED.has(operator);
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { ...elementAliases(dtype), Acc: acc, ...(!partial && { Out: reductionResultType(problem) }) },
    constants: ordered ? { SMALLEST: kind === 'min' || kind === 'argmin' } : {},
    parts: [
      ...(problem.custom ? callerParts('reduce', problem.custom) : [reduce[operator]]),
      partial ? finish.partial : finish[finisher],
      ...(ordered ? [order[acc]] : []),
      ...(operator === 'logSumExp' ? [expOrNan] : []),
      ...(operator === 'exactSum' && !partial ? exactResultParts(dtype) : []),
    ],
  };
}

/** Bytes of the operator's state. */
export function stateSizeBytes(problem: Combined): number {
  return STATE_BYTES[recipeOf(problem).operator] ?? 4;
}

/** Whether the operator's state is a scalar or a vector: subgroups can exchange such, and unrolled code of it stays short. */
export function hasSmallState(problem: Combined): boolean {
  return recipeOf(problem).operator !== 'exactSum';
}
