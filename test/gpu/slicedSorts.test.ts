// Sorts of rows and columns of which no buffer holds the keys and positions: slabs of them are sorted, and then joined. The device
// pretends to bind little, so that small tensors will do.
import { beforeAll, describe, expect, it } from 'vitest';
import { sortOperation } from '../../src/kernels/checked.ts';
import { sortCase } from '../../src/kernels/sort/cases.ts';
import {
  argsort,
  explain,
  openDevice,
  sample,
  sort,
  sortBy,
  topK,
  UnsupportedError,
  type Device,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { checkCase } from './support/checkCase.ts';
import { narrowDevice } from './support/narrowDevice.ts';

/** 4096 keys and positions, 8192 elements of f32. */
const LIMIT = 32_768;

let device: GpuDevice;
/** Binds a tensor of 2 x 8001 elements of f32, but not their keys and positions. */
let wider: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await narrowDevice(LIMIT);
  cpu = await openDevice({ backend: 'cpu' });
  wider = await narrowDevice(2 * LIMIT);
  return () => [device, wider].forEach((one) => one.destroy());
});

describe('sort/slices', () => {
  const kernel = sortOperation.kernels.find(({ name }) => name === 'sort/slices')!;
  const cases = [
    // Two slabs, of which the operand needs none, three, five; the last of them shorter.
    ...[5000, 10_001, 20_011].flatMap((length) => [
      sortCase('f32', [1, length, 1], { distribution: 'ties' }),
      sortCase('i32', [1, length, 1], { descending: true }),
    ]),
    sortCase('f32', [1, 9973, 1], { distribution: 'nan' }),
    sortCase('f32', [1, 9973, 1], { distribution: 'nan', descending: true }),
    sortCase('f32', [1, 9973, 1], { distribution: 'zeros' }),
    sortCase('f32', [1, 9973, 1], { distribution: 'infinities', results: 'values' }),
    sortCase('f32', [1, 9973, 1], { distribution: 'edges', results: 'indices' }),
    sortCase('u32', [1, 20_000, 1], { distribution: 'ties', results: 'indices', descending: true }),
    sortCase('f16', [1, 20_001, 1], { distribution: 'ties' }),
    sortCase('f16', [1, 20_001, 1], { distribution: 'nan', descending: true, results: 'values' }),
    sortCase('f32', [1, 10_001, 1], { payload: 'f16', results: 'values', distribution: 'ties' }),
    sortCase('f16', [1, 10_001, 1], { payload: 'u32', results: 'values', descending: true }),
    // Columns: short ones, such as the network sorts, and long ones; slabs that end anywhere.
    sortCase('f32', [1, 21, 512], { distribution: 'ties' }),
    sortCase('f16', [1, 40, 128], { distribution: 'nan', descending: true }),
    sortCase('f32', [1, 7001, 3], { distribution: 'ties', descending: true }),
    sortCase('i32', [1, 5000, 2], { payload: 'f32', results: 'values' }),
    // The first: few, half of a slab, more than a slab, all but one.
    ...[1, 50, 2000, 9000, 20_010].flatMap((count) => [
      sortCase('f32', [1, 20_011, 1], { count, distribution: 'ties', descending: true }),
      sortCase('f16', [1, 20_011, 1], { count, distribution: 'nan' }),
    ]),
    sortCase('f32', [1, 300, 64], { count: 5, descending: true, distribution: 'ties' }),
    sortCase('i32', [1, 300, 64], { count: 290, results: 'indices' }),
    // Rows of which a buffer holds some, and rows of which it holds none.
    sortCase('f32', [6, 1280, 1], { distribution: 'ties' }),
    sortCase('f32', [2, 5120, 1], { distribution: 'ties', count: 4992 }),
  ];
  it.each(cases)('$name', async (testCase) => {
    expect(kernel.supports(testCase.problem, device.capabilities)).toBe(true);
    await checkCase(device, sortOperation, kernel, testCase, {});
  });

  it.each([
    sortCase('f32', [2, 8001, 1], { distribution: 'ties', descending: true }),
    sortCase('f32', [3, 5003, 1], { distribution: 'nan', results: 'indices' }),
    sortCase('f16', [3, 7001, 1], { payload: 'f16', results: 'values', distribution: 'ties' }),
    sortCase('f32', [3, 5003, 1], { count: 60, distribution: 'ties' }),
    sortCase('i32', [5, 501, 5], { descending: true }),
  ])('takes a few rows at a time where they begin anywhere: $name', async (testCase) => {
    expect(kernel.supports(testCase.problem, wider.capabilities)).toBe(true);
    await checkCase(wider, sortOperation, kernel, testCase, {});
  });

  it('leaves alone what fits, is empty, or starts where slices cannot', () => {
    const because = (shape: readonly [number, number, number], count?: number) =>
      kernel.supports(
        sortCase('f32', shape, { ...(count !== undefined && { count }) }).problem,
        device.capabilities,
      );
    expect(because([1, 4096, 1])).toBe('a buffer holds the keys and positions of all elements');
    expect(because([1, 10_000, 1], 0)).toBe('there is nothing to sort');
    expect(because([3, 10_001, 1])).toBe('rows start where slices cannot');
    expect(because([1, 5, 4097])).toMatch(/^a slice needs \d+ bytes at least/);
  });
});

/** Many equals, and numbers that are none, in every slab. */
const numbers = Float32Array.from({ length: 30_720 }, (_, i) =>
  i % 1009 === 7 ? NaN : i % 503 === 3 ? -0 : ((i * 7919) % 101) - 50,
);

async function expectSame(run: (x: Tensor<'f32'>) => readonly Tensor[]): Promise<void> {
  const [got, want] = await Promise.all(
    [device, cpu].map((on) => Promise.all(run(on.tensor(numbers, [30_720])).map((tensor) => tensor.read()))),
  );
  expect(got).toEqual(want);
}

describe('one long row, or long columns', () => {
  it.each([
    ['sort', (x: Tensor<'f32'>) => Object.values(sort(x))],
    ['sort, descending', (x: Tensor<'f32'>) => Object.values(sort(x, { descending: true }))],
    ['argsort of halves', (x: Tensor<'f32'>) => [argsort(x.device.tensor(numbers, x.shape, 'f16'))]],
    ['rows longer than can be bound', (x: Tensor<'f32'>) => Object.values(sort(x.reshape([3, 10_240])))],
    ['columns', (x: Tensor<'f32'>) => [argsort(x.reshape([7680, 4]), { axis: 0 })]],
    [
      'by the order of others',
      (x: Tensor<'f32'>) => [sortBy(x.device.tensor(numbers.toReversed(), x.shape, 'f16'), x)],
    ],
    ['topK of few', (x: Tensor<'f32'>) => Object.values(topK(x, 40))],
    ['topK of most', (x: Tensor<'f32'>) => Object.values(topK(x, 25_001, { largest: false }))],
    ['topK of columns', (x: Tensor<'f32'>) => Object.values(topK(x.reshape([60, 512]), 3, { axis: 0 }))],
  ])('%s', async (_, run) => {
    await expectSame(run);
  });

  it('draw tokens from the likeliest', async () => {
    const logits = Float32Array.from({ length: 30_720 }, (_, i) => ((i * 7919) % 10_007) / 1000);
    const [got, want] = await Promise.all(
      [device, cpu].map((on) =>
        sample(on.tensor(logits, [1, 30_720]), { topK: 20, topP: 0.9, seed: 5 }).read(),
      ),
    );
    expect(got).toEqual(want);
  });

  it('are explained', () => {
    const { kernel, passes } = explain(sort, device.empty([30_720]));
    expect(kernel).toBe('sort/slices');
    expect(new Set(passes.map(({ label }) => label))).toContain('sort/rank');
    // Fewer than the pairs of all would take, though the operand can be bound.
    expect(explain(sort, device.empty([5000])).kernel).toBe('sort/slices');
    expect(explain(sort, wider.empty([2, 8001])).kernel).toBe('sort/slices');
  });

  it('are refused by the limit where slices cannot begin', () => {
    const run = () => sort(device.empty([3, 10_241]));
    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(/sort\/slices: rows start where slices cannot/);
    expect(run).toThrow(/the adapter allows 32768 \(maxStorageBufferBindingSize\)/);
  });
});
