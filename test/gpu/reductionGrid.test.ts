// Every reduction, softmax, norm, scan, sort, histogram and compaction on every type that it takes, on every class of shapes and axes, on lines of every content:
// random numbers, ties, signed zeros, NaN, infinities, numbers below the smallest normal one, extremes of integers, nothing at all.
import { beforeAll, describe, it } from 'vitest';
import {
  compactOperation,
  histogramOperation,
  normOperation,
  reductionOperation,
  scanOperation,
  segmentReductionOperation,
  softmaxOperation,
  sortOperation,
} from '../../src/kernels/checked.ts';
import { layerProblem } from '../../src/kernels/norm/cases.ts';
import type { GpuDevice } from '../../src/node.ts';
import type { ArithmeticType } from '../../src/reference/arithmetic.ts';
import { REDUCTION_KINDS, reductionProblem, type ReductionKind } from '../../src/reference/reduction.ts';
import { checkLines, fillLines, type Layout } from './support/lineGrid.ts';
import { testDevice } from './support/device.ts';

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

const FLOATS = ['f32', 'f16'] as const;
const ALL = ['f32', 'f16', 'i32', 'u32'] as const;

const isInteger = (dtype: ArithmeticType): boolean => dtype === 'i32' || dtype === 'u32';
const runs = (dtype: ArithmeticType): boolean => dtype !== 'f16' || device.capabilities.f16;

/** One configuration for all shapes, so that few shaders have to be compiled; which one is best is for other tests. */
const configs = {
  'reduction/row': { lanes: 8, subgroups: false, split: 1 },
  'reduction/column': { width: 4, columns: 4, rows: 4, split: 1 },
  'softmax/row': { lanes: 8, subgroups: false, kept: true },
  'softmax/column': { columns: 4, rows: 4 },
};

describe('reductions', () => {
  const LAYOUTS: readonly Layout[] = [
    [[11, 5], [1]],
    [[11, 331], [1]],
    [[5, 12], [0]],
    [[331, 12], [0]],
    [[3, 40, 12], [1]],
    [
      [3, 11, 17],
      [0, 2],
    ],
    [
      [5, 3, 6, 4],
      [0, 2],
    ],
    [
      [3, 5, 2, 3, 2, 2, 2, 2],
      [1, 3, 5, 7],
    ],
    [[301], [0]],
    [[11, 1], [1]],
    [[12], []],
  ];
  const NOTHING: readonly Layout[] = [
    [[0, 3], [0]],
    [[3, 0], [1]],
    [[0], [0]],
  ];
  const FLOATS_ALONE: ReadonlySet<ReductionKind> = new Set([
    'mean',
    'l2Norm',
    'logSum',
    'logSumExp',
    'variance',
    'std',
    'moments',
  ]);
  const EXTREMES: ReadonlySet<ReductionKind> = new Set(['max', 'min', 'argmax', 'argmin']);
  const cases = REDUCTION_KINDS.flatMap((kind) =>
    (FLOATS_ALONE.has(kind) ? FLOATS : ALL).map((dtype) => ({ kind, dtype })),
  );

  it.each(cases)('$kind of $dtype', async ({ kind, dtype }) => {
    if (!runs(dtype)) return;
    // Products and logarithms of sums of other numbers are out of range.
    const nearOne = kind === 'logSum' || (kind === 'prod' && !isInteger(dtype));
    for (const layout of EXTREMES.has(kind) ? LAYOUTS : [...LAYOUTS, ...NOTHING]) {
      const problem = reductionProblem(kind, dtype, layout[0], new Set(layout[1]))!;
      for (const filled of fillLines(layout, dtype, nearOne)) {
        await checkLines(device, reductionOperation, problem, filled, {
          configs,
          signed: kind === 'max' || kind === 'min',
        });
      }
    }
  });
});

/** Along the middle axis: rows, columns and both, short and long; one element. */
const LINES: readonly Layout[] = (
  [
    [11, 5, 1],
    [11, 331, 1],
    [1, 5, 12],
    [1, 331, 11],
    [3, 40, 5],
    [11, 1, 1],
  ] as const
).map((shape) => [shape, [1]]);

describe('softmax', () => {
  const cases = FLOATS.flatMap((dtype) => [false, true].map((log) => ({ dtype, log })));
  it.each(cases)('of $dtype, logarithms $log', async ({ dtype, log }) => {
    if (!runs(dtype)) return;
    for (const layout of LINES) {
      const [outer, length, inner] = layout[0] as [number, number, number];
      for (const filled of fillLines(layout, dtype)) {
        await checkLines(device, softmaxOperation, { log, dtype, outer, length, inner }, filled, { configs });
      }
    }
  });
});

describe('norms', () => {
  const LAYOUTS: readonly Layout[] = [
    [[11, 5], [1]],
    [[11, 332], [1]],
    [
      [12, 3, 20],
      [1, 2],
    ],
    [[40, 11], [0]],
  ];
  const cases = FLOATS.flatMap((dtype) => (['rms', 'layer'] as const).map((kind) => ({ dtype, kind })));
  it.each(cases)('$kind of $dtype', async ({ dtype, kind }) => {
    if (!runs(dtype)) return;
    for (const layout of LAYOUTS) {
      const problem = layerProblem(kind, dtype, ...layout, { scale: true, bias: true });
      for (const filled of fillLines(layout, dtype)) await checkLines(device, normOperation, problem, filled);
    }
  });
});

describe('scans', () => {
  const WAYS = [false, true].flatMap((exclusive) => [false, true].map((reverse) => ({ exclusive, reverse })));
  const cases = (['sum', 'prod', 'max', 'min'] as const).flatMap((operator) =>
    ALL.map((dtype) => ({ operator, dtype })),
  );
  it.each(cases)('$operator of $dtype', async ({ operator, dtype }) => {
    if (!runs(dtype)) return;
    for (const [index, layout] of LINES.entries()) {
      const [outer, length, inner] = layout[0] as [number, number, number];
      const filled = fillLines(layout, dtype, operator === 'prod' && !isInteger(dtype));
      // Every way with rows and with columns, whichever their length.
      const problem = { operator, dtype, outer, length, inner, ...WAYS[index % 4]! };
      for (const one of filled) {
        await checkLines(device, scanOperation, problem, one, {
          signed: operator === 'max' || operator === 'min',
        });
      }
    }
  });
});

describe('sorts', () => {
  const cases = ALL.flatMap((dtype) => [false, true].map((descending) => ({ dtype, descending })));
  it.each(cases)('of $dtype, descending $descending', async ({ dtype, descending }) => {
    if (!runs(dtype)) return;
    for (const layout of LINES) {
      const [outer, length, inner] = layout[0] as [number, number, number];
      for (const count of new Set([length, Math.min(length, 3)])) {
        const problem = { dtype, outer, length, inner, count, descending, results: 'both' } as const;
        for (const filled of fillLines(layout, dtype)) {
          await checkLines(device, sortOperation, problem, filled, { signed: true });
        }
      }
    }
  });
});

describe('sorts of positions, and of a payload', () => {
  it.each(ALL)('by %s', async (dtype) => {
    if (!runs(dtype)) return;
    for (const layout of [LINES[0]!, LINES[4]!]) {
      const [outer, length, inner] = layout[0] as [number, number, number];
      const common = { dtype, outer, length, inner, count: length, descending: false } as const;
      for (const filled of fillLines(layout, dtype)) {
        await checkLines(device, sortOperation, { ...common, results: 'indices' }, filled);
        await checkLines(device, sortOperation, { ...common, results: 'values', payload: 'i32' }, filled);
      }
    }
  });
});

describe('reductions of segments', () => {
  const cases = (['sum', 'mean', 'prod', 'max', 'min'] as const).flatMap((kind) =>
    (kind === 'mean' ? FLOATS : ALL).map((dtype) => ({ kind, dtype })),
  );
  it.each(cases)('$kind of $dtype', async ({ kind, dtype }) => {
    if (!runs(dtype)) return;
    for (const layout of LINES) {
      const [outer, each, inner] = layout[0] as [number, number, number];
      // A line a segment, with nothing before the first and after the last.
      const offsets = [0, ...Array.from({ length: outer + 1 }, (_, i) => i * each), outer * each];
      const segments = offsets.length - 1;
      const problem = { kind, dtype, length: outer * each, inner, segments };
      for (const filled of fillLines(layout, dtype, kind === 'prod' && !isInteger(dtype))) {
        await checkLines(device, segmentReductionOperation, problem, filled, {
          given: { 1: Float64Array.from(offsets) },
          signed: kind === 'max' || kind === 'min',
        });
      }
    }
  });
});

/** All contents in one tensor: what has no axes. */
const FLAT: readonly Layout[] = [
  [[11, 31], [1]],
  [[11, 401], [1]],
];

describe('histograms', () => {
  it.each(ALL)('of %s', async (dtype) => {
    if (!runs(dtype)) return;
    for (const layout of FLAT) {
      for (const filled of fillLines(layout, dtype)) {
        // Edges at 0, where denormals and zeros of both signs are, and at whole numbers.
        const range = isInteger(dtype) ? undefined : ([0, 3] as const);
        const problem = { dtype, length: filled.values.length, bins: 3, range };
        await checkLines(device, histogramOperation, problem, filled);
      }
    }
  });
});

describe('compaction', () => {
  it.each(ALL)('of %s', async (dtype) => {
    if (!runs(dtype)) return;
    for (const layout of FLAT) {
      for (const filled of fillLines(layout, dtype)) {
        const { length } = filled.values;
        await checkLines(device, compactOperation, { mask: dtype, length }, filled);
        const mask = Float64Array.from({ length }, (_, i) => i % 3);
        await checkLines(device, compactOperation, { dtype, mask: 'u32', length }, filled, {
          given: { 1: mask },
          signed: true,
        });
      }
    }
  });
});
