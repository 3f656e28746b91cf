import { reductionOperation } from '../../src/kernels/checked.ts';
import { gridSize } from '../../src/reference/grids.ts';
import {
  reductionProblem,
  type ReductionKind,
  type ReductionProblem,
} from '../../src/reference/reduction.ts';
import type { Checker, Sample } from '../measure/check.ts';
import type { Operand } from '../measure/operand.ts';
import type { Random } from '../measure/random.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference reads each element once, the error bound of a sum once more. */
const PASSES = 2;

export const reductionChecker: Checker<ReductionProblem> = {
  referenceSteps: ({ keptDims, reducedDims }) => PASSES * gridSize(keptDims) * gridSize(reducedDims),
  sample: sampleResults,
};

/** Some of the results, with their elements gathered so that they lie next to each other. */
function sampleResults(
  problem: ReductionProblem,
  [x]: readonly Operand[],
  random: Random,
  maxSteps: number,
): Sample<ReductionProblem> {
  const results = gridSize(problem.keptDims);
  const elements = gridSize(problem.reducedDims);
  const count = Math.max(2, Math.floor(maxSteps / (PASSES * elements)));
  const chosen = random.choose(Math.min(count, results), results);
  const values = new Float64Array(chosen.length * elements);
  for (const [index, result] of chosen.entries()) {
    const start = offsetOf(result, problem.keptDims, problem.keptStrides);
    for (let r = 0; r < elements; r++) {
      const offset = start + offsetOf(r, problem.reducedDims, problem.reducedStrides);
      values[index * elements + r] = x!.at(offset);
    }
  }
  const part = reductionProblem(problem.kind, problem.dtype, [chosen.length, elements], new Set([1]))!;
  return {
    parts: [{ problem: part, inputs: [values], positions: chosen }],
    description: `${chosen.length} of ${results} results`,
  };
}

/** Offset of the `index`-th point of a grid. */
function offsetOf(
  index: number,
  dims: ReductionProblem['keptDims'],
  strides: ReductionProblem['keptStrides'],
): number {
  let rest = index;
  let offset = 0;
  for (let axis = 3; axis >= 0; axis--) {
    const size = dims[axis]!;
    const at = rest % size;
    offset += at * strides[axis]!;
    rest = (rest - at) / size;
  }
  return offset;
}

type Direction = 'each row' | 'each column' | 'everything';

const REDUCED_AXES: Readonly<Record<Direction, readonly (0 | 1)[]>> = {
  'each row': [1],
  'each column': [0],
  everything: [0, 1],
};

interface Row {
  readonly kind: ReductionKind;
  readonly direction: Direction;
  readonly dtype: 'f32' | 'f16';
  readonly rows: number;
  readonly columns: number;
  /** What the matrix is. */
  readonly of: string;
  readonly representative?: boolean;
}

/** A reduction of a matrix: the problem itself only knows strides, so its sizes are remembered beside it. */
function workload({ kind, direction, dtype, rows, columns, of, representative = false }: Row): Workload {
  const sizes = new Map<ReductionProblem, readonly [rows: number, columns: number]>();
  const problemOf = (count: number, of: number): ReductionProblem => {
    const axes = new Set(REDUCED_AXES[direction]);
    const problem = reductionProblem(kind, dtype, [count, of], axes)!;
    sizes.set(problem, [count, of]);
    return problem;
  };
  // Far enough for slow machines, and no further: a row of logits is as long as many of activations.
  const problems = halvings(rows, Math.min(64, rows / 32)).map((count) => problemOf(count, columns));
  return defineWorkload<ReductionProblem>({
    family: 'reduction',
    op: kind,
    label: `${direction} of ${of}`,
    operation: reductionOperation,
    problems,
    sized: { sizes: 'ROWS x COLUMNS', problem: ([count, of]) => problemOf(count!, of!) },
    checker: reductionChecker,
    shape: (problem) => ({ rows: sizes.get(problem)![0], columns: sizes.get(problem)![1] }),
    shapeText: (problem) => times(...sizes.get(problem)!),
    unit: () => 'fp32',
    ...(isCompared(kind) && {
      task: (problem: ReductionProblem) => {
        const [count, of] = sizes.get(problem)!;
        const axes = REDUCED_AXES[direction];
        return kind === 'argmax'
          ? { op: kind, dtype, rows: count, columns: of, axis: axes[0]! }
          : { op: kind, dtype, rows: count, columns: of, axes };
      },
    }),
    representative,
  });
}

/** The kinds that other libraries are asked for. */
function isCompared(kind: ReductionKind): kind is 'sum' | 'mean' | 'max' | 'argmax' {
  return kind === 'sum' || kind === 'mean' || kind === 'max' || kind === 'argmax';
}

/** Tokens whose activations are reduced, and sequences whose next token is chosen. */
const TOKENS = 8192;
const SEQUENCES = 64;

/** Reductions of rows, columns and everything of a model's activations, and the choice of the next token. */
export function reductionWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const activations = { rows: TOKENS, columns: model.hidden, of: 'activations' };
  const logits = { rows: SEQUENCES, columns: model.vocabulary, of: 'logits' };
  const rows: Row[] = [
    { kind: 'sum', direction: 'each row', dtype: 'f32', ...activations, representative: true },
    { kind: 'sum', direction: 'each column', dtype: 'f32', ...activations },
    { kind: 'sum', direction: 'everything', dtype: 'f32', ...activations },
    { kind: 'argmax', direction: 'each row', dtype: 'f32', ...logits },
  ];
  if (extent !== 'quick') {
    rows.push(
      { kind: 'mean', direction: 'each row', dtype, ...activations },
      { kind: 'max', direction: 'each column', dtype, ...activations },
      { kind: 'max', direction: 'everything', dtype, ...activations },
    );
  }
  if (extent === 'full') {
    rows.push(
      { kind: 'min', direction: 'each row', dtype, ...activations },
      { kind: 'argmin', direction: 'each column', dtype, ...activations },
      { kind: 'argmax', direction: 'each row', dtype, ...logits },
    );
  }
  const seen = new Set<string>();
  return rows.map(workload).filter(({ op, label, operation, problems }) => {
    // Without half precision some rows come out the same.
    const key = `${op} ${label} ${operation.dtype(problems[0])}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** The reductions that are compared with other libraries'. */
export function comparedReductions(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const of = { dtype, rows: TOKENS, columns: model.hidden, of: 'activations' };
  const rows: Row[] = [
    { kind: 'sum', direction: 'each row', ...of },
    { kind: 'sum', direction: 'each column', ...of },
    { kind: 'sum', direction: 'everything', ...of },
    {
      kind: 'argmax',
      direction: 'each row',
      dtype,
      rows: SEQUENCES,
      columns: model.vocabulary,
      of: 'logits',
    },
  ];
  if (extent !== 'quick') {
    rows.push({ kind: 'mean', direction: 'each row', ...of }, { kind: 'max', direction: 'each row', ...of });
  }
  return rows.map(workload);
}
