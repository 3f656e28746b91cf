import { matmulOperation } from '../../src/kernels/checked.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import {
  isQuantized,
  matmulInputs,
  type MatmulProblem,
  type QuantizedLayout,
} from '../../src/reference/matmul.ts';
import { blockLength, CODINGS, wordCount } from '../../src/reference/coding.ts';
import { codeAt, decodeBlocks, packCodes } from '../../src/reference/quantization.ts';
import type { DType } from '../../src/tensor.ts';
import type { Checker, Sample } from '../measure/check.ts';
import { freivaldsCheck, type ElementSource } from '../measure/freivalds.ts';
import type { Operand } from '../measure/operand.ts';
import type { Random } from '../measure/random.ts';
import type { MatmulTask, TaskDType } from '../peers/task.ts';
import type { WorkloadUnit } from '../schema.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** Rounds of Freivalds' check: a wrong block passes all of them with a chance of 1/8 at most. */
const ROUNDS = 3;

export const matmulChecker: Checker<MatmulProblem> = {
  referenceSteps: ({ m, n, k }) => 3 * m * n * k,
  sample: sampleElements,
  probeSteps: ({ n, k }, maxSteps) => ROUNDS * Math.max(maxSteps, n * k),
  probe(problem, operands, c, random, maxSteps) {
    const [a] = operands;
    const b = weightSource(problem, operands);
    const result = freivaldsCheck(problem, a!, b, c, random, { rounds: ROUNDS, maxSteps });
    return {
      passed: result.passed,
      description: `Freivalds' check of every ${result.blockColumns} columns, ${ROUNDS} times`,
      ...(!result.passed && {
        problem:
          `row ${result.row}, columns ${result.column} to ${result.column + result.blockColumns - 1}: ` +
          `their random sum is off by ${result.error}, at most ${result.bound} is rounding`,
      }),
    };
  },
};

/** The elements of b as they lie in memory; those of quantised rows decoded, without what fills them up. */
function weightSource(problem: MatmulProblem, operands: readonly Operand[]): ElementSource {
  const { k, b } = problem;
  if (!isQuantized(b)) return operands[1]!;
  return {
    slice(start, length) {
      const [words, scales, zeroPoints] = quantizedRows(problem, b, operands, [start / k]);
      const row = { ...b, elements: b.lineStride };
      return decodeBlocks(row, words!, scales!, zeroPoints).subarray(0, length);
    },
  };
}

/** Codes, scales, and zero points if there are, of some rows of b. */
function quantizedRows(
  problem: MatmulProblem,
  b: QuantizedLayout,
  operands: readonly Operand[],
  picked: readonly number[],
): Float64Array[] {
  const { b: words, scales, zeroPoints } = matmulInputs(problem, operands);
  const blocks = b.lineStride / blockLength(b);
  const gather = (operand: Operand, length: number): Float64Array => {
    const values = new Float64Array(picked.length * length);
    for (const [index, row] of picked.entries())
      values.set(operand.slice(row * length, length), index * length);
    return values;
  };
  const rows = [gather(words, wordCount(b.dtype, b.lineStride)), gather(scales!, blocks)];
  if (!zeroPoints) return rows;
  // Those of a row may begin within a word.
  const perWord = 32 / CODINGS[b.dtype].bits;
  const codes = picked.flatMap((row) =>
    Array.from({ length: blocks }, (_, block) => {
      const index = row * blocks + block;
      return codeAt(b.dtype, [zeroPoints.at(Math.floor(index / perWord))], index % perWord);
    }),
  );
  return [...rows, Float64Array.from(packCodes(b.dtype, codes))];
}

/** Some rows of a times some columns of b. */
function sampleElements(
  problem: MatmulProblem,
  operands: readonly Operand[],
  random: Random,
  maxSteps: number,
): Sample<MatmulProblem> {
  const [a, b] = operands;
  const { m, n, k } = problem;
  const elements = Math.max(4, maxSteps / (3 * k));
  const rows = random.choose(Math.max(2, Math.min(m, 16, Math.floor(elements / 2))), m);
  const columns = random.choose(Math.max(2, Math.min(n, Math.floor(elements / rows.length))), n);
  const gather = (
    operand: Operand,
    picked: readonly number[],
    of: number,
    contiguous: boolean,
  ): Float64Array => {
    const values = new Float64Array(picked.length * k);
    for (const [index, line] of picked.entries()) {
      if (contiguous) values.set(operand.slice(line * k, k), index * k);
      else for (let p = 0; p < k; p++) values[index * k + p] = operand.at(p * of + line);
    }
    return values;
  };
  const weights = problem.b;
  const part = {
    problem: matmulProblem(rows.length, columns.length, k, {
      dtype: problem.c.dtype,
      dtypeA: problem.a.dtype,
      ...(isQuantized(weights) ? { quantized: weights } : { dtypeB: weights.dtype, transposeB: true }),
    }),
    inputs: [
      gather(a!, rows, m, !problem.a.transposed),
      ...(isQuantized(weights)
        ? quantizedRows(problem, weights, operands, columns)
        : [gather(b!, columns, n, weights.transposed)]),
    ],
    positions: rows.flatMap((row) => columns.map((column) => row * n + column)),
  };
  return {
    parts: [part],
    description: `${rows.length * columns.length} elements one by one`,
  };
}

/** Units that multiply matrices of a type. */
const UNITS: Partial<Record<DType, WorkloadUnit>> = { f16: 'fp16Tensor', i8: 'int8Tensor' };

/** A product of f32 or f16 matrices and nothing else, as the workloads below are. */
function taskOf({ m, n, k, a, b }: MatmulProblem): MatmulTask {
  return { op: 'matmul', dtype: a.dtype as TaskDType, m, n, k, transposeB: b.transposed };
}

function workload(label: string, problems: readonly MatmulProblem[], representative = false): Workload {
  return defineWorkload<MatmulProblem>({
    family: 'matmul',
    op: 'matmul',
    label,
    operation: matmulOperation,
    problems,
    checker: matmulChecker,
    shape: ({ m, n, k }) => ({ m, n, k }),
    shapeText: ({ m, n, k }) => times(m, n, k),
    unit: ({ a, b }) => (a.dtype === b.dtype || isQuantized(b) ? (UNITS[a.dtype] ?? 'fp32') : 'fp32'),
    task: taskOf,
    sized: { sizes: 'M x N x K', problem: ([m, n, k]) => resized(problems[0]!, m!, n!, k!) },
    representative,
  });
}

/** A product of other sizes, as the workloads below are: of the same types, and b stored the same way. */
function resized({ a, b, c, precision }: MatmulProblem, m: number, n: number, k: number): MatmulProblem {
  return matmulProblem(m, n, k, {
    dtype: c.dtype,
    dtypeA: a.dtype,
    precision,
    ...(isQuantized(b) ? { quantized: b } : { dtypeB: b.dtype, transposeB: b.transposed }),
  });
}

interface Projection {
  readonly name: string;
  readonly n: number;
  readonly k: number;
}

/** A layer's products and the last one of all, those of equal shape together. */
function projections(model: ModelShape): readonly Projection[] {
  const { hidden, heads, kvHeads, headDim, feedForward } = model;
  const all: readonly Projection[] = [
    { name: 'q', n: heads * headDim, k: hidden },
    { name: 'k', n: kvHeads * headDim, k: hidden },
    { name: 'v', n: kvHeads * headDim, k: hidden },
    { name: 'o', n: hidden, k: heads * headDim },
    ...(model.gated ? [{ name: 'gate', n: feedForward, k: hidden }] : []),
    { name: 'up', n: feedForward, k: hidden },
    { name: 'down', n: hidden, k: feedForward },
  ];
  const merged = new Map<string, Projection>();
  for (const { name, n, k } of all) {
    const same = merged.get(`${n} ${k}`);
    merged.set(`${n} ${k}`, { name: same ? `${same.name}/${name}` : name, n, k });
  }
  return [...merged.values()];
}

/** Tokens of a prompt, for prefill. */
const PREFILL_TOKENS: Readonly<Record<Extent, readonly number[]>> = {
  quick: [512],
  default: [512],
  full: [16, 128, 512, 2048],
};

/** Below this a product of matrices turns into one of a vector. */
const FEW_TOKENS = 16;

const SQUARES: Readonly<Record<Extent, readonly number[]>> = {
  quick: [4096],
  default: [2048, 4096],
  full: [1024, 2048, 4096, 8192],
};

/** How weights are stored, always as [n, k], as checkpoints have them. */
type Weights = Parameters<typeof matmulProblem>[3];

const PLAIN: Weights = { transposeB: true };

/** Blocks of 32 with scales of half precision, 4.5 bits a weight: llama.cpp's Q4_0. */
const INT4: Weights = {
  quantized: { dtype: 'int4', blockSize: 32, scaleType: 'f16', zeroPoints: false },
};

/**
 * Smaller problems of a projection: fewer tokens as long as there are enough to keep it a product of matrices, then fewer
 * columns.
 */
function smaller(
  tokens: number,
  { n, k }: Projection,
  dtype: 'f32' | 'f16',
  weights: Weights,
): MatmulProblem[] {
  const least = Math.min(tokens, FEW_TOKENS);
  const product = (m: number, columns: number): MatmulProblem =>
    matmulProblem(m, columns, k, { dtype, ...weights });
  return [
    ...halvings(tokens, least).map((m) => product(m, n)),
    ...halvings(Math.floor(n / 2), 64).map((columns) => product(least, columns)),
  ];
}

function square(size: number, dtype: 'f32' | 'f16' | 'i32', representative = false): Workload {
  const problems = halvings(size, 64).map((side) => matmulProblem(side, side, side, { dtype }));
  return workload('square', problems, representative);
}

/** The products of a model's layers and square ones; those of integers too, and those in f32 by parts of half precision. */
export function matmulWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const layers = projections(model);
  const decode = [...layers, { name: 'lm head', n: model.vocabulary, k: model.hidden }].map((layer) =>
    workload(`decode ${layer.name}`, smaller(1, layer, dtype, PLAIN), layer.name.includes('down')),
  );
  const prefill = PREFILL_TOKENS[extent].flatMap((tokens) =>
    layers.map((layer) =>
      workload(
        `prefill ${layer.name}`,
        smaller(tokens, layer, dtype, PLAIN),
        tokens === 512 && layer.name.includes('up'),
      ),
    ),
  );
  const quantized = layers
    .filter(({ name }) => /^q|up$/.test(name))
    .flatMap((layer) => [
      workload(`decode ${layer.name} int4`, smaller(1, layer, dtype, INT4)),
      ...PREFILL_TOKENS[extent].map((tokens) =>
        workload(`prefill ${layer.name} int4`, smaller(tokens, layer, dtype, INT4)),
      ),
    ]);
  const dtypes = dtype === 'f16' ? (['f16', 'f32'] as const) : (['f32'] as const);
  const squares = dtypes.flatMap((type) => SQUARES[extent].map((size) => square(size, type, size === 4096)));
  const integers = square(4096, 'i32');
  // Beside f32: how much faster tensor cores make it where there are any.
  const inParts = SQUARES[extent].map((size) =>
    workload(
      'square, split',
      halvings(size, 64).map((side) => matmulProblem(side, side, side, { precision: 'split' })),
    ),
  );
  // A quick run has time for what most models do.
  if (extent === 'quick') return [...decode, ...prefill, ...squares, ...quantized.slice(0, 1)];
  return [...decode, ...prefill, ...squares, integers, ...inParts, ...quantized];
}

/** The products that are compared with other libraries': square ones, and a layer's for one, a few and many tokens. */
export function comparedProducts(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  const { squares, tokens, layers } = COMPARED[extent];
  const rows = tokens.flatMap((m) =>
    projections(model)
      .slice(-layers)
      .map((layer) => workload(`${layer.name}, ${rowsText(m)}`, smaller(m, layer, dtype, PLAIN))),
  );
  return [...squares.map((size) => square(size, dtype)), ...rows];
}

interface ComparedProducts {
  readonly squares: readonly number[];
  readonly tokens: readonly number[];
  /** How many of a layer's products, from the last one back. */
  readonly layers: number;
}

const COMPARED: Readonly<Record<Extent, ComparedProducts>> = {
  quick: { squares: [1024], tokens: [1, 512], layers: 1 },
  default: { squares: [512, 1024, 2048], tokens: [1, 16, 512], layers: Infinity },
  full: { squares: [512, 1024, 2048, 4096, 8192], tokens: [1, 16, 512], layers: Infinity },
};

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
