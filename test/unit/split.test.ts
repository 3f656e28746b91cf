import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { matmulOracle } from '../../src/kernels/matmul/oracle.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import { split } from '../../src/kernels/matmul/split.ts';
import type { Config } from '../../src/kernels/define.ts';
import { select } from '../../src/ops/select.ts';
import { type MatmulProblem } from '../../src/reference/matmul.ts';
import { matmulReference } from '../../src/reference/matmulReference.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import type { Binding } from '../../src/runtime/plan.ts';
import nvidiaH100 from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };
import { drawSplitInput, errorSize, splitInputs } from '../support/splitInputs.ts';
import { roundToHalf, splitDot, splitRow, SUMMING_UNITS } from '../support/tensorCore.ts';

const caps = nvidiaH100 as unknown as Capabilities;
const small = (maxStorageBufferBindingSize: number): Capabilities => ({
  ...caps,
  limits: { ...caps.limits, maxStorageBufferBindingSize },
});

describe('elements in parts of half precision', () => {
  const together = ({ parts, exponent }: ReturnType<typeof splitRow>, index: number): number =>
    parts.reduce((sum, part, number) => sum + part[index]! * 4096 ** -number, 0) * 2 ** exponent;

  it('are rounded to nearest', () => {
    expect([2049, 2051, 65504, 2 ** -24, 2 ** -25, 3 * 2 ** -25].map(roundToHalf)).toEqual([
      2048,
      2052,
      65504,
      2 ** -24,
      0,
      2 ** -23,
    ]);
  });

  it.each([
    [2, 28],
    [3, 40],
  ])('%i parts keep 23 bits of all down to 2^-%i of the largest', (parts, octaves) => {
    fc.assert(
      fc.property(fc.integer({ min: 2 ** 23, max: 2 ** 24 - 1 }), (mantissa) => {
        const row = Float64Array.from([0, 1, 12, octaves], (down) => mantissa * 2 ** (50 - down));
        const result = splitRow(row, parts);
        expect(result.whole).toBe(true);
        for (const [index, x] of row.entries())
          expect(Math.abs(together(result, index) - x)).toBeLessThanOrEqual(2 ** -23 * x);
      }),
    );
    expect(splitRow(Float64Array.of(2 ** 30, (2 ** 24 - 2) * 2 ** (6 - octaves)), parts).whole).toBe(false);
  });

  it('are whole in three parts', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(together(splitRow(Float64Array.of(x), 3), 0)).toBe(x + 0);
      }),
    );
  });

  it.each([
    ['too small beside the largest', [1, 1.1 * 2 ** -34]],
    ['infinite', [1, Infinity]],
    ['NaN', [NaN, 1]],
  ])('say where one is %s', (_, row) => {
    expect(splitRow(Float64Array.from(row, Math.fround), 2).whole).toBe(false);
    expect(splitRow(Float64Array.of(1, 2 ** -30), 2).whole).toBe(true);
  });
});

describe('plans', () => {
  const inParts = { precision: 'split' } as const;
  const configOf = (problem: MatmulProblem): Config => split.heuristic(problem, caps);

  it('split both operands, multiply the parts, then what is left, through scratch', () => {
    const problem = matmulProblem(100, 200, 301, { ...inParts, transposeB: true });
    const { passes, scratchBytes } = split.plan(problem, configOf(problem), caps);
    expect(passes.map(({ label }) => label)).toEqual([
      'matmul/split, a',
      'matmul/split, b',
      'matmul/split',
      'matmul/split, the rest',
    ]);
    // Two parts of 2 bytes in lines of 304, and an exponent of 4 bytes for each row and column.
    expect(scratchBytes).toEqual([100 * 304 * 4, 200 * 304 * 4, 100 * 4, 200 * 4]);
    const bound = ({ role, index, access }: Binding): string => `${role} ${index} ${access}`;
    expect(passes.map(({ bindings }) => bindings.map(bound))).toEqual([
      ['input 0 read', 'scratch 0 read_write', 'scratch 2 read_write'],
      ['input 1 read', 'scratch 1 read_write', 'scratch 3 read_write'],
      ['scratch 0 read', 'scratch 1 read', 'output 0 read_write', 'scratch 2 read', 'scratch 3 read'],
      ['input 0 read', 'input 1 read', 'output 0 read_write', 'scratch 2 read', 'scratch 3 read'],
    ]);
  });

  it('split a matrix that batches share once', () => {
    const problem = matmulProblem(64, 64, 64, {
      ...inParts,
      batchDims: [1, 1, 2, 3],
      batchStridesA: [0, 0, 0, 1],
    });
    const { scratchBytes } = split.plan(problem, configOf(problem), caps);
    expect(scratchBytes).toEqual([3 * 64 * 64 * 4, 64 * 64 * 4, 3 * 64 * 4, 64 * 4]);
  });

  it('take three parts and short chunks where few products are summed', () => {
    const config = (k: number): Config => configOf(matmulProblem(512, 512, k, inParts));
    expect(config(63)).toMatchObject({ parts: 3, chunkK: 64 });
    expect(config(64)).toMatchObject({ parts: 2, chunkK: 64 });
    expect(config(1024)).toMatchObject({ parts: 2, chunkK: 128 });
    expect(config(16_384)).toMatchObject({ parts: 2, chunkK: 256 });
    const few = matmulProblem(512, 512, 63, inParts);
    expect(split.legal({ ...config(63), parts: 2 }, few, caps)).toBe(false);
  });

  it('hold no more sums and parts than there is room for', () => {
    const problem = matmulProblem(4096, 4096, 4096, inParts);
    const config = configOf(problem);
    expect(config).toMatchObject({ tileM: 128, tileN: 128, subgroupM: 64, subgroupN: 32 });
    expect(split.legal({ ...config, subgroupN: 64 }, problem, caps)).toBe(false);
    // 128 lines of 5 vectors of 16 bytes and 32 lines of 17, in two parts.
    const bytes = 2 * (128 * 5 + 32 * 17) * 16;
    const within = (maxComputeWorkgroupStorageSize: number): boolean =>
      split.legal(config, problem, { ...caps, limits: { ...caps.limits, maxComputeWorkgroupStorageSize } });
    expect([within(bytes), within(bytes - 1)]).toEqual([true, false]);
  });

  it('leave it to f32 where there are no matrices, and say so', () => {
    const without = { ...caps, subgroupMatrixConfigs: [] };
    const { kernel, passedOver } = select(matmulOperation, matmulProblem(512, 512, 512, inParts), without);
    expect(kernel.name).toBe('matmul/tiled');
    expect(passedOver).toContainEqual({
      kernel: 'matmul/split',
      why: 'the adapter has no subgroup matrices of f16 with sums in f32',
    });
  });

  it.each([
    ['plain products', matmulProblem(64, 64, 64), caps, 'only'],
    ['no half precision', matmulProblem(64, 64, 64, inParts), { ...caps, f16: false }, 'half precision'],
    [
      'no matrices',
      matmulProblem(64, 64, 64, inParts),
      { ...caps, subgroupMatrixConfigs: [] },
      'no subgroup matrices',
    ],
    ['parts too large', matmulProblem(64, 30_000, 30_000, inParts), small(2 ** 31), '3600000000 bytes'],
  ])('are not for %s', (_, problem, device, why) => {
    expect(split.supports(problem, device)).toContain(why);
  });
});

const LENGTHS = [16, 64, 256, 1024, 4096];
const SIDE = 4;
/** Rows of the table in docs/precision.md; `PRINT_ERRORS=1 npm test -- --project unit split` prints them. */
const table: string[] = [];
afterAll(() => {
  if (process.env.PRINT_ERRORS) console.log(table.join('\n'));
});

describe.each(LENGTHS)('sums of %i products', (k) => {
  const problem = matmulProblem(SIDE, SIDE, k, { transposeB: true, precision: 'split' });
  const { parts, chunkK } = split.heuristic(problem, caps) as { parts: number; chunkK: number };

  it.each(['normal', 'from 0 to 1', 'all the same', 'exponents from -10 to 10'] as const)(
    'stay within the bound of an f32 product, operands %s',
    (name) => {
      const [a, b] = [1, 2].map((seed) => drawSplitInput(splitInputs[name]!, SIDE * k, seed)) as [
        Float64Array,
        Float64Array,
      ];
      const exact = matmulReference(problem, [a, b]);
      const magnitudes = matmulReference(problem, [a.map(Math.abs), b.map(Math.abs)]);
      const [bound] = matmulOracle.errorBound(problem, [a, b], [exact]);
      const rows = (operand: Float64Array): Float64Array[] =>
        Array.from({ length: SIDE }, (_, row) => operand.subarray(row * k, (row + 1) * k));
      const pairs = rows(a).flatMap((row) => rows(b).map((column) => [row, column] as const));
      const plain = pairs.map(([row, column]) =>
        row.reduce((sum, x, p) => Math.fround(sum + x * column[p]!), 0),
      );
      const errors = [errorSize(plain, exact, magnitudes)];
      const rowsInParts = rows(a).map((row) => splitRow(row, parts));
      const columnsInParts = rows(b).map((column) => splitRow(column, parts));
      expect([...rowsInParts, ...columnsInParts].every(({ whole }) => whole)).toBe(true);
      for (const [unitName, unit] of Object.entries(SUMMING_UNITS)) {
        const sums = rowsInParts.flatMap((row) =>
          columnsInParts.map((column) => splitDot(row, column, chunkK, unit)),
        );
        for (const [index, sum] of sums.entries())
          expect(Math.abs(sum - exact[index]!), unitName).toBeLessThanOrEqual(bound![index]!);
        errors.push(errorSize(sums, exact, magnitudes));
      }
      table.push(
        `| ${name} | ${k} | ${errors.map(({ rms, max }) => `${rms.toPrecision(2)} / ${max.toPrecision(2)}`).join(' | ')} |`,
      );
    },
  );
});
