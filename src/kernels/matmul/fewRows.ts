import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Params } from '../../runtime/params.ts';
import type { Binding } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { matmulBindings } from './contract.ts';
import { epilogueParts } from './epilogue.ts';
import { matmulParams } from './params.ts';

/** The most rows that the vector kernels take: beyond it they would no longer wait for memory alone. */
const FEW_ROWS = 16;

/** A product whose rows are few, as a vector kernel sees it. */
export interface FewRows {
  /** a is not transposed, or has one row, which is the same. */
  readonly problem: MatmulProblem;
  readonly bindings: readonly Binding[];
  readonly epilogue: readonly ShaderPart[];
  readonly params: Params;
}

/**
 * A product of few rows, or of one column: that one is turned into its transpose c^T = b^T a^T, of one row, which lies in
 * memory in the same way. Otherwise the reason why not.
 */
export function withFewRows(original: MatmulProblem): FewRows | string {
  const turned = original.n === 1;
  const problem = turned ? transposed(original) : original;
  if (problem.m > FEW_ROWS)
    return `c has ${original.m} rows, more than ${FEW_ROWS}, and more than one column`;
  if (problem.transposeA && problem.m > 1) return 'a is transposed, so that its rows are scattered';
  if (problem.k === 0) return 'there is nothing to sum';
  const [a, b, ...rest] = matmulBindings(problem);
  const rows: MatmulProblem = { ...problem, transposeA: false };
  return {
    problem: rows,
    bindings: turned ? [b!, a!, ...rest] : [a!, b!, ...rest],
    epilogue: epilogueParts(problem, turned ? 'single' : 'column'),
    params: matmulParams(rows),
  };
}

/** The same for a product that a vector kernel supports. */
export function fewRows(original: MatmulProblem): FewRows {
  const rows = withFewRows(original);
  if (typeof rows === 'string') throw new RangeError(`not for a vector kernel: ${rows}`);
  return rows;
}

function transposed(problem: MatmulProblem): MatmulProblem {
  const { m, transposeA, batchStridesA, batchStridesB, matricesA, matricesB } = problem;
  return {
    ...problem,
    m: 1,
    n: m,
    transposeA: false,
    // A single row lies in memory like a single column.
    transposeB: m === 1 || !transposeA,
    batchStridesA: batchStridesB,
    batchStridesB: batchStridesA,
    matricesA: matricesB,
    matricesB: matricesA,
  };
}

/** Rows that an invocation works on at once: the least value of `space` that holds all, or the largest. */
export function rowsAtOnce(m: number, space: readonly number[]): number {
  return space.find((rows) => rows >= m) ?? space.at(-1)!;
}
