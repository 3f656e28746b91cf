import {
  compactOperation,
  histogramOperation,
  sampleOperation,
  segmentReductionOperation,
} from '../../src/kernels/checked.ts';
import type { CompactProblem } from '../../src/reference/compact.ts';
import type { HistogramProblem } from '../../src/reference/histogram.ts';
import type { SampleProblem } from '../../src/reference/sample.ts';
import type { SegmentReductionProblem } from '../../src/reference/segmentReduce.ts';
import type { Checker } from '../measure/check.ts';
import { evenOffsets } from '../measure/operand.ts';
import type { ModelShape } from './model.ts';
import { defineWorkload, halvings, times, type Extent, type Workload } from './workload.ts';

/** The reference and its error bound read each element about once. */
const PASSES = 2;

/** Where an element goes depends on all before it. */
const compactChecker: Checker<CompactProblem> = { referenceSteps: ({ length }) => PASSES * length };

const histogramChecker: Checker<HistogramProblem> = {
  referenceSteps: ({ length }) => PASSES * length,
};

/** The reference makes all the sums of a row, the error bound once more. */
const SAMPLE_PASSES = 20;

const sampleChecker: Checker<SampleProblem> = {
  referenceSteps: ({ rows, length }) => SAMPLE_PASSES * rows * length,
  /** The first rows: a row's random number is that of its place. */
  sample(problem, operands, _random, maxSteps) {
    const { rows, length } = problem;
    const count = Math.min(rows, Math.max(1, Math.floor(maxSteps / (SAMPLE_PASSES * length))));
    return {
      parts: [
        {
          problem: { ...problem, rows: count },
          inputs: operands.map((operand) => operand.slice(0, count * length)),
          positions: Array.from({ length: count }, (_, row) => row),
        },
      ],
      description: `the first ${count} of ${rows} rows`,
    };
  },
};

const segmentReductionChecker: Checker<SegmentReductionProblem> = {
  referenceSteps: ({ length, inner }) => PASSES * length * inner,
  /** The first segments. */
  sample(problem, [x], _random, maxSteps) {
    const { length, inner, segments } = problem;
    const count = Math.min(
      segments,
      Math.max(1, Math.floor((maxSteps * segments) / (PASSES * length * inner))),
    );
    const offsets = evenOffsets(segments + 1, length).slice(0, count + 1);
    const rows = offsets[count]!;
    return {
      parts: [
        {
          problem: { ...problem, length: rows, segments: count },
          inputs: [x!.slice(0, rows * inner), offsets],
          positions: Array.from({ length: count * inner }, (_, index) => index),
        },
      ],
      description: `the first ${count} of ${segments} segments`,
    };
  },
};

function listWorkload<P extends CompactProblem | HistogramProblem>(
  list: Pick<Workload<P>, 'family' | 'op' | 'label' | 'operation' | 'checker'>,
  longest: number,
  problem: (length: number) => P,
): Workload {
  return defineWorkload<P>({
    ...list,
    problems: halvings(longest, 2 ** 12).map(problem),
    shape: ({ length }) => ({ length }),
    shapeText: ({ length }) => String(length),
    unit: () => 'fp32',
    representative: false,
  });
}

function sampleWorkload(rows: number, columns: number): Workload {
  const problem = (count: number, length: number): SampleProblem => ({
    dtype: 'f32',
    rows: count,
    length,
    chosen: false,
    scale: 1,
    minP: 0,
    topP: 1,
    seed: 1,
    step: 0,
  });
  return defineWorkload<SampleProblem>({
    family: 'sort',
    op: 'sample',
    label: 'of logits',
    operation: sampleOperation,
    problems: halvings(rows, 2).map((count) => problem(count, columns)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([count, length]) => problem(count!, length!) },
    checker: sampleChecker,
    shape: ({ rows: count, length }) => ({ rows: count, columns: length }),
    shapeText: ({ rows: count, length }) => times(count, length),
    unit: () => 'fp32',
    representative: false,
  });
}

/** Rows of a segment. */
const SEGMENT = 16;

function segmentWorkload(columns: number, dtype: 'f32' | 'f16'): Workload {
  const problem = (length: number, inner: number): SegmentReductionProblem => ({
    kind: 'sum',
    dtype,
    length,
    inner,
    segments: Math.ceil(length / SEGMENT),
  });
  return defineWorkload<SegmentReductionProblem>({
    family: 'reduction',
    op: 'segmentReduce',
    label: `sums of ${SEGMENT} rows of activations`,
    operation: segmentReductionOperation,
    problems: halvings(TOKENS, 64).map((length) => problem(length, columns)),
    sized: { sizes: 'ROWS x COLUMNS', problem: ([length, inner]) => problem(length!, inner!) },
    checker: segmentReductionChecker,
    shape: ({ length, inner }) => ({ rows: length, columns: inner }),
    shapeText: ({ length, inner }) => times(length, inner),
    unit: () => 'fp32',
    representative: false,
  });
}

/** Tokens that are sent to experts, sequences whose next token is drawn, and elements of a list. */
const TOKENS = 8192;
const SEQUENCES = 64;
const ELEMENTS = 2 ** 23;

const HISTOGRAM = {
  family: 'reduction',
  op: 'histogram',
  label: 'of numbers',
  operation: histogramOperation,
  checker: histogramChecker,
} as const;
const COMPACT = {
  family: 'scan',
  op: 'compact',
  label: 'of numbers by a mask',
  operation: compactOperation,
  checker: compactChecker,
} as const;

/** What counts, keeps, draws and joins elements. */
export function selectionWorkloads(model: ModelShape, dtype: 'f32' | 'f16', extent: Extent): Workload[] {
  if (extent !== 'full') return [];
  return [
    listWorkload<HistogramProblem>(HISTOGRAM, ELEMENTS, (length) => ({
      dtype: 'f32',
      length,
      bins: 256,
      range: [-4, 4],
    })),
    listWorkload<CompactProblem>(COMPACT, ELEMENTS, (length) => ({ dtype: 'f32', mask: 'i32', length })),
    sampleWorkload(SEQUENCES, model.vocabulary),
    segmentWorkload(model.hidden, dtype),
  ];
}
