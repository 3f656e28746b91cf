import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import type { Config } from '../../src/kernels/define.ts';
import { ArgumentError, DTypeError, explain, matmul, type GpuDevice } from '../../src/node.ts';
import { matmulReference } from '../../src/reference/matmulReference.ts';
import { drawSplitInput, errorSize, splitInputs, type ErrorSize } from '../support/splitInputs.ts';
import { testDevice } from './support/device.ts';

const M = 20;
const N = 24;
const K = 520;
const IN_PARTS = { parts: 2, chunkK: 128 };
/** As the pass that makes what is left. */
const PLAIN = { tileM: 32, tileN: 64, tileK: 16, threadM: 4, threadN: 4, splitK: 1 };

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

/** Rows of the table in docs/precision.md; `PRINT_ERRORS=1 npm test -- --project gpu split` prints them. */
const table: string[] = [];
afterAll(() => {
  if (process.env.PRINT_ERRORS) console.log(table.join('\n'));
});

/** a [M, K] by b [K, N]. */
async function multiply(
  a: Float64Array,
  b: Float64Array,
  kernel: 'split' | 'tiled',
  config: Config,
): Promise<Float32Array> {
  using x = device.tensor(Float32Array.from(a), [M, K]);
  using y = device.tensor(Float32Array.from(b), [K, N]);
  using c = matmul(x, y, { precision: 'split', kernel: `matmul/${kernel}`, config });
  return c.read();
}
const split = (a: Float64Array, b: Float64Array, config: Config = IN_PARTS): Promise<Float32Array> =>
  multiply(a, b, 'split', config);
const full = (a: Float64Array, b: Float64Array): Promise<Float32Array> => multiply(a, b, 'tiled', PLAIN);

const problem = matmulProblem(M, N, K, { precision: 'split' });
const row = (index: number): number => Math.floor(index / K);
const column = (index: number): number => index % N;
const normal = (count: number, seed: number): Float64Array =>
  drawSplitInput(splitInputs.normal!, count, seed);

/** Units that products of two parts may lack of those of the elements: 2 for each of both, 4 for that of the second parts. */
const LACKING = 8;
/** How far a sum may be from the exact one: by what parts lack, by sums in chunks, by the sum of chunks. */
const WORST = LACKING + K + 2 * Math.ceil(K / IN_PARTS.chunkK);

async function errorsOf(
  a: Float64Array,
  b: Float64Array,
  config?: Config,
): Promise<{ readonly inParts: ErrorSize; readonly plain: ErrorSize }> {
  const exact = matmulReference(problem, [a, b]);
  const magnitudes = matmulReference(problem, [a.map(Math.abs), b.map(Math.abs)]);
  return {
    inParts: errorSize(await split(a, b, config), exact, magnitudes),
    plain: errorSize(await full(a, b), exact, magnitudes),
  };
}

/** Operands that the table shows besides those that are drawn element by element. */
const structured: Readonly<Record<string, () => [a: Float64Array, b: Float64Array]>> = {
  'sums that cancel to 2^-20 of their terms': () => {
    const [a, b] = [normal(M * K, 1), normal(K * N, 2)];
    const half = K / 2;
    for (let p = 0; p < half; p++) {
      for (let i = 0; i < M; i++) a[i * K + half + p] = -a[i * K + p]!;
      for (let j = 0; j < N; j++) b[(half + p) * N + j] = Math.fround(b[p * N + j]! * (1 + 2 ** -20));
    }
    return [a, b];
  },
  'rows of 1e30 beside 1e-30, which is all that b lets through': () => {
    const a = normal(M * K, 1).map((x, index) => Math.fround(index % K === 0 ? 1e30 : x * 1e-30));
    const b = normal(K * N, 2).map((x, index) => (index < N ? 0 : x));
    return [a, b];
  },
};

describe('products of f32 in parts of half precision', () => {
  it.each([
    ...Object.entries(splitInputs).map(
      ([name, draw]) =>
        [name, () => [drawSplitInput(draw, M * K, 1), drawSplitInput(draw, K * N, 2)]] as const,
    ),
    ...Object.entries(structured),
  ])('are as exact as sums in f32: %s', async (name, operands) => {
    const [a, b] = operands() as [Float64Array, Float64Array];
    const { inParts, plain } = await errorsOf(a, b);
    const cell = ({ rms, max }: ErrorSize): string => `${rms.toPrecision(2)} / ${max.toPrecision(2)}`;
    table.push(`| ${name} | ${cell(plain)} | ${cell(inParts)} |`);
    expect(inParts.max).toBeLessThanOrEqual(WORST);
    expect(inParts.rms).toBeLessThanOrEqual(plain.rms + LACKING);
  });

  it.each([
    { tileM: 64, tileN: 32, tileK: 32, subgroupM: 8, subgroupN: 16, parts: 2, chunkK: 64 },
    { tileM: 32, tileN: 64, tileK: 16, subgroupM: 16, subgroupN: 8, parts: 3, chunkK: 512 },
  ])('are as exact with %j', async (config) => {
    const { inParts, plain } = await errorsOf(normal(M * K, 1), normal(K * N, 2), config);
    expect(inParts.rms).toBeLessThanOrEqual(plain.rms + LACKING);
  });

  it('scale with rows and columns by powers of two, without another bit', async () => {
    const [a, b] = [normal(M * K, 3), normal(K * N, 4)];
    const rowPower = (i: number): number => (i % 2 === 0 ? 110 : -120) + (i % 7);
    const columnPower = (j: number): number => (j % 3) - 1;
    const scaled = await split(
      a.map((x, index) => x * 2 ** rowPower(row(index))),
      b.map((x, index) => x * 2 ** columnPower(column(index))),
    );
    const plain = await split(a, b);
    const expected = plain.map(
      (x, index) => x * 2 ** (rowPower(Math.floor(index / N)) + columnPower(column(index))),
    );
    expect([...scaled]).toEqual([...expected]);
  });

  it('reach from subnormal numbers to infinity', async () => {
    const powers = [-149, -140, -126, 0, 100, 127];
    const a = new Float64Array(M * K).map((_, index) => 2 ** powers[row(index) % 6]!);
    const b = new Float64Array(K * N).map((_, index) => 2 ** powers[5 - (column(index) % 6)]!);
    const c = await split(a, b);
    for (const [index, value] of c.entries()) {
      const exact = Math.fround(
        K * 2 ** (powers[Math.floor(index / N) % 6]! + powers[5 - ((index % N) % 6)]!),
      );
      // What is below the normal numbers may be taken for 0.
      if (exact < 2 ** -126) expect([0, exact]).toContain(value);
      else expect(value).toBe(exact);
    }
  });

  it('of small integers are exact', async () => {
    const [a, b] = [normal(M * K, 5), normal(K * N, 6)].map((values) =>
      values.map((x) => Math.round(100 * x)),
    ) as [Float64Array, Float64Array];
    expect([...(await split(a, b))]).toEqual([...matmulReference(problem, [a, b])]);
  });

  it.each([
    ['exponents from -20 to 20', () => drawSplitInput(splitInputs['exponents from -20 to 20']!, K, 9)],
    ['an infinity', () => normal(K, 9).fill(Infinity, 7, 8)],
    ['NaN', () => normal(K, 9).fill(NaN, 7, 8)],
  ])('leave a row and a column with %s to f32, and nothing else', async (_, special) => {
    const [a, b] = [normal(M * K, 7), normal(K * N, 8)];
    const before = await split(a, b);
    a.set(special(), 3 * K);
    for (const [p, x] of special().entries()) b[p * N + 9] = x;
    const after = await split(a, b);
    const plain = await full(a, b);
    // Four neighbouring columns are made together.
    const left = (index: number): boolean => Math.floor(index / N) === 3 || Math.floor((index % N) / 4) === 2;
    expect(after).toEqual(after.map((_, index) => (left(index) ? plain : before)[index]!));
  });

  it('are for operands of f32', () => {
    const half = device.tensor(new Float32Array(4), [2, 2], 'f16');
    const single = device.tensor(new Float32Array(4), [2, 2]);
    expect(() => matmul(half, half, { precision: 'split' })).toThrow(DTypeError);
    expect(() => matmul(half, half, { precision: 'split' })).toThrow(/for operands of f32, got f16 and f16/);
    expect(() => matmul(single, single, { precision: 'high' as 'full' })).toThrow(ArgumentError);
    expect(() => matmul(single, single, { precision: 'high' as 'full' })).toThrow(
      /"full" or "split", got "high"/,
    );
  });

  it('are made in f32 by a software adapter, unless asked for by name', () => {
    const x = device.tensor(new Float32Array(64 * 64), [64, 64]);
    expect(explain(matmul, x, x, { precision: 'split' }).kernel).toBe('matmul/direct');
    const asked = explain(matmul, x, x, { precision: 'split', kernel: 'matmul/split' });
    expect(asked.passes).toHaveLength(4);
    expect(asked.scratchBytes).toBe(2 * 64 * (64 * 4 + 4));
  });
});
