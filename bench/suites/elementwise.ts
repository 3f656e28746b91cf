import { convertOperation, gateOperation, writeRowsOperation } from '../../src/kernels/checked.ts';
import type { ConvertProblem } from '../../src/reference/convert.ts';
import type { GateProblem } from '../../src/reference/gate.ts';
import type { WriteRowsProblem } from '../../src/reference/writeRows.ts';
import type { Checker } from '../measure/check.ts';
import { gatherRows, positionsOfRows } from '../measure/rows.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference and its error bound read each element once. */
const PASSES = 2;

/** Elements that are checked together, where there are no rows. */
const PIECE = 256;

const gateChecker: Checker<GateProblem> = {
  referenceSteps: ({ elements }) => PASSES * elements,
  sample(problem, operands, random, maxSteps) {
    const pieces = Math.floor(problem.elements / PIECE);
    const count = Math.max(2, Math.floor(maxSteps / (PASSES * PIECE)));
    const chosen = random.choose(Math.min(count, pieces), pieces);
    return {
      parts: [
        {
          problem: { ...problem, elements: chosen.length * PIECE },
          inputs: operands.map((operand) => gatherRows(operand, chosen, PIECE)),
          positions: positionsOfRows(chosen, PIECE),
        },
      ],
      description: `${chosen.length} of ${pieces} pieces of ${PIECE}`,
    };
  },
};

const convertChecker: Checker<ConvertProblem> = {
  referenceSteps: ({ elements }) => PASSES * elements,
  /** Some rows of the result, or pieces of its only one, gathered from where they are in x. */
  sample(problem, [x], random, maxSteps) {
    const { dims, strides } = problem;
    const isOne = dims[2] === 1 && dims[3] > PIECE;
    const width = isOne ? PIECE : dims[3];
    const rows = isOne ? Math.floor(dims[3] / PIECE) : dims[2];
    const stride = isOne ? PIECE * strides[3] : strides[2];
    const count = Math.max(2, Math.floor(maxSteps / (PASSES * width)));
    const chosen = random.choose(Math.min(count, rows), rows);
    const gathered = chosen.flatMap((row) =>
      Array.from({ length: width }, (_, column) => x!.at(row * stride + column * strides[3])),
    );
    return {
      parts: [
        {
          problem: {
            ...problem,
            dims: [1, 1, chosen.length, width],
            strides: [0, 0, width, 1],
            valid: width,
            elements: gathered.length,
          },
          inputs: [Float64Array.from(gathered)],
          positions: positionsOfRows(chosen, width),
        },
      ],
      description: `${chosen.length} of ${rows} ${isOne ? `pieces of ${PIECE}` : 'rows'}`,
    };
  },
};

/** Whole heads, since positions and angles are those of tokens. */
const writeRowsChecker: Checker<WriteRowsProblem> = {
  referenceSteps: ({ heads, seqLen, headDim }) => PASSES * heads * seqLen * headDim,
  sample(problem, [x, ...others], random, maxSteps) {
    const { heads, seqLen, headDim } = problem;
    const width = seqLen * headDim;
    const count = Math.max(1, Math.floor(maxSteps / (PASSES * width)));
    const chosen = random.choose(Math.min(count, heads), heads);
    return {
      parts: [
        {
          problem: { ...problem, heads: chosen.length },
          inputs: [gatherRows(x!, chosen, width), ...others.map((operand) => operand.values())],
          positions: positionsOfRows(chosen, width),
        },
      ],
      description: `${chosen.length} of ${heads} heads`,
    };
  },
};

function gateWorkload(columns: number, dtype: 'f32' | 'f16'): Workload {
  const problem = (elements: number): GateProblem => ({
    dtype,
    elements,
    activation: 'silu',
    limits: [0, 0],
  });
  return defineWorkload<GateProblem>({
    family: 'elementwise',
    op: 'gate',
    label: 'feed-forward',
    operation: gateOperation,
    problems: halvings(TOKENS, 16).map((rows) => problem(rows * columns)),
    sized: { sizes: 'ELEMENTS', problem: ([elements]) => problem(elements!) },
    checker: gateChecker,
    shape: ({ elements }) => ({ elements }),
    shapeText: ({ elements }) => String(elements),
    unit: () => 'fp32',
    representative: false,
  });
}

function convertWorkload(op: 'cast' | 'contiguous', columns: number, to: 'f32' | 'f16'): Workload {
  // What has no gaps is one axis to the operation, whatever its sizes; a copy without gaps is that of a transposed matrix.
  const sizes = new Map<ConvertProblem, readonly [rows: number, width: number]>();
  const problem = (rows: number, width: number): ConvertProblem => {
    const grid: Pick<ConvertProblem, 'dims' | 'strides'> =
      op === 'cast'
        ? { dims: [1, 1, 1, rows * width], strides: [0, 0, 0, 1] }
        : { dims: [1, 1, rows, width], strides: [0, 0, 1, rows] };
    const made = {
      from: 'f32',
      to,
      ...grid,
      valid: grid.dims[3],
      offset: 0,
      elements: rows * width,
    } as const;
    sizes.set(made, [rows, width]);
    return made;
  };
  return defineWorkload<ConvertProblem>({
    family: 'elementwise',
    op,
    label: op === 'cast' ? 'activations to f16' : 'transposed activations',
    operation: convertOperation,
    problems: halvings(TOKENS, 16).map((rows) => problem(rows, columns)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([rows, width]) => problem(rows!, width!) },
    checker: convertChecker,
    shape: (one) => ({ rows: sizes.get(one)![0], columns: sizes.get(one)![1] }),
    shapeText: (one) => times(...sizes.get(one)!),
    unit: () => 'fp32',
    representative: false,
  });
}

function rotaryWorkload({ heads, headDim }: ModelShape, dtype: 'f32' | 'f16'): Workload {
  return defineWorkload<WriteRowsProblem>({
    family: 'elementwise',
    op: 'rotary',
    label: 'queries',
    operation: writeRowsOperation,
    problems: halvings(TOKENS, 16).map((seqLen) => ({
      batch: 1,
      heads,
      seqLen,
      headDim,
      dtype,
      layout: 'bhsd',
      // Operands of integers are drawn up to 100, and so is the position of the first token.
      rotary: { dim: headDim, rows: seqLen + 128, interleaved: false },
    })),
    checker: writeRowsChecker,
    shape: ({ seqLen }) => ({ heads, seqLen, headDim }),
    shapeText: ({ seqLen }) => times(heads, seqLen, headDim),
    unit: () => 'fp32',
    representative: false,
  });
}

/** Tokens of a prompt. */
const TOKENS = 2048;

/** What is done to each element by itself, or to a pair of them. */
export function elementwiseWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  if (extent !== 'full') return [];
  return [
    gateWorkload(model.feedForward, dtype),
    ...(dtype === 'f16' ? [convertWorkload('cast', model.hidden, 'f16')] : []),
    convertWorkload('contiguous', model.hidden, 'f32'),
    rotaryWorkload(model, dtype),
  ];
}
