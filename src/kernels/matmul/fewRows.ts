import type { MatmulProblem, MatrixLayout, Term } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';

/** The most rows that the vector kernels take: beyond it they would no longer wait for memory alone. */
const FEW_ROWS = 16;

/** A product whose rows are few, as a vector kernel sees it. */
export interface FewRows {
  /** Rows of a are lines of memory. */
  readonly problem: MatmulProblem;
  /** Whether it is the transpose c^T = b^T a^T of the product asked for, so that a and b change places. */
  readonly turned: boolean;
}

/**
 * A product of few rows, or of one column: that one is turned into its transpose, of one row, which lies in
 * memory in the same way. Otherwise the reason why not.
 */
export function withFewRows(original: MatmulProblem): FewRows | string {
  const turned = original.n === 1 && !original.grouped && (original.m === 1 || original.c.lineStride === 1);
  const problem = turned ? transposed(original) : original;
  if (problem.m > FEW_ROWS)
    return `c has ${original.m} rows, more than ${FEW_ROWS}, and more than one column`;
  if (problem.k === 0) return 'there is nothing to sum';
  const a = asRows(problem.a, problem.m, problem.k);
  if (!a) return 'a is transposed, so that its rows are scattered';
  return { problem: { ...problem, a }, turned };
}

/** The same for a product that a vector kernel supports. */
export function fewRows(original: MatmulProblem): FewRows {
  const rows = withFewRows(original);
  if (typeof rows === 'string') throw new RangeError(`not for a vector kernel: ${rows}`);
  return rows;
}

/** A matrix of which every row is a line of memory: as it is stored, or since it has a single row or column. */
function asRows(layout: MatrixLayout, rows: number, columns: number): MatrixLayout | undefined {
  if (!layout.transposed) return layout;
  if (columns === 1) return { ...layout, transposed: false, lineStride: 1 };
  return rows === 1 && layout.lineStride === 1
    ? { ...layout, transposed: false, lineStride: columns }
    : undefined;
}

function transposed(problem: MatmulProblem): MatmulProblem {
  const { m, a, b, c } = problem;
  const flip = (layout: MatrixLayout): MatrixLayout => ({ ...layout, transposed: !layout.transposed });
  const flipTerm = (term: Term | undefined): Term | undefined =>
    term === undefined || term === 'inPlace'
      ? term
      : { ...term, strideI: term.strideJ, strideJ: term.strideI };
  return {
    ...problem,
    m: 1,
    n: m,
    a: flip(b),
    b: flip(a),
    c: { ...c, lineStride: m },
    scaleA: problem.scaleB,
    scaleB: problem.scaleA,
    bias: problem.bias && { ...problem.bias, strideJ: 0 },
    addend: flipTerm(problem.addend),
    residual: flipTerm(problem.residual),
  };
}

/** Rows that an invocation works on at once: the least value of `space` that holds all, or the largest. */
export function rowsAtOnce(m: number, space: readonly number[]): number {
  return space.find((rows) => rows >= m) ?? space.at(-1)!;
}

/** The most rows for which a processor is faster with lines shared by its lanes than with rows kept by each. */
const FEW_ROWS_OF_SOFTWARE = 4;

/** Whether a vector kernel is likely to be the fastest: on a processor only for the fewest rows. */
export function worthwhileForFewRows(original: MatmulProblem, caps: Capabilities): true | string {
  return (
    !caps.software ||
    fewRows(original).problem.m <= FEW_ROWS_OF_SOFTWARE ||
    `a software adapter multiplies more than ${FEW_ROWS_OF_SOFTWARE} rows faster straight from memory`
  );
}
