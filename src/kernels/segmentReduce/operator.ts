import {
  isExactReduction,
  type SegmentReductionKind,
  type SegmentReductionProblem,
} from '../../reference/segmentReduce.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { finish, order, reduce } from '../lib.ts';
import {
  accumulator,
  callerParts,
  commonOperators,
  everyExactPart,
  EXACT_STATE_BYTES,
  exactResultParts,
} from '../operator.ts';

const OPERATORS: Readonly<Record<SegmentReductionKind, readonly [operator: ShaderPart, finish: ShaderPart]>> =
  { ...commonOperators, mean: [reduce.sum, finish.mean] };

/** `lift`, `combine`, `identity` and `finish`. */
function operatorParts(problem: SegmentReductionProblem): readonly ShaderPart[] {
  const { kind, dtype } = problem;
  if (typeof kind === 'object') return [...callerParts('segmentReduce', kind), finish.same];
  if (!isExactReduction(problem)) {
    return isExtreme(problem) ? [...OPERATORS[kind], order[accumulator(dtype)]] : OPERATORS[kind];
  }
  const rounds = kind === 'mean' ? finish.exactMean : finish.exactSum;
  return [reduce.exactSum, rounds, ...exactResultParts(dtype)];
}

const isExtreme = ({ kind }: SegmentReductionProblem): boolean => kind === 'max' || kind === 'min';

/** All parts that `operatorShader` may use, for kernels' `parts`. */
export const everyOperatorPart: readonly ShaderPart[] = [
  ...Object.values(OPERATORS).flat(),
  reduce.custom,
  ...everyExactPart,
  ...Object.values(order),
];

/** What a shader needs to combine elements of the problem's type, and to make results of states. */
export function operatorShader(problem: SegmentReductionProblem): Required<ShaderSource> {
  const { kind, dtype } = problem;
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype, Acc: accumulator(dtype), Out: dtype },
    constants: isExtreme(problem) ? { SMALLEST: kind === 'min' } : {},
    parts: operatorParts(problem),
  };
}

/** Bytes of the operator's state. */
export const stateSizeBytes = (problem: SegmentReductionProblem): number =>
  isExactReduction(problem) ? EXACT_STATE_BYTES : 4;
