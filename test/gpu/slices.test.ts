// Tensors larger than a device can bind at once, which are read and written in slices. The device pretends to bind little, so
// that small tensors will do; test/gpu/smallestDevice.test.ts has a device that really binds no more.
import { beforeAll, describe, expect, it } from 'vitest';
import { reductionOperation, softmaxOperation } from '../../src/kernels/checked.ts';
import type { SoftmaxProblem } from '../../src/reference/softmax.ts';
import { reductionCases } from '../../src/kernels/reduction/cases.ts';
import {
  argmax,
  cumsum,
  explain,
  histogram,
  layerNorm,
  logSoftmax,
  max,
  openDevice,
  scan,
  segmentReduce,
  softmax,
  sort,
  sum,
  topK,
  UnsupportedError,
  type Capabilities,
  type Device,
  type Tensor,
} from '../../src/node.ts';
import type { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import { checkCase } from './support/checkCase.ts';
import { evenShare } from './support/corners.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 32_768;

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await narrowDevice(LIMIT);
  cpu = await openDevice({ backend: 'cpu' });
  return () => device.destroy();
});

/** Whole numbers, whose sums are exact in f32. */
const numbers = Float32Array.from({ length: 30_720 }, (_, i) => ((i * 7919) % 101) - 50);

/** Cut where results are, across them, and both; no slice has to start where it cannot be bound. */
const REDUCTIONS = [
  { shape: [30_720], axes: [0] },
  { shape: [3, 10_240], axes: [1] },
  { shape: [3, 10_240], axes: [0, 1] },
  { shape: [10_240, 3], axes: [0] },
  { shape: [10_240, 3], axes: [1] },
  { shape: [6, 20, 256], axes: [1] },
  { shape: [6, 20, 256], axes: [0, 2] },
] as const;

/** The last number that was not 0. */
const LAST = { combine: 'select(b, a, b == 0)', identity: '0' };

/** What the CPU path makes, but for a few roundings of numbers that are near 1, or small; exactly that where it is integers. */
async function expectAlike(run: (x: Tensor<'f32'>) => Tensor, shape: readonly number[]): Promise<void> {
  const got = await run(device.tensor(numbers, shape)).read();
  const want = await run(cpu.tensor(numbers, shape)).read();
  expect(got.length).toBe(want.length);
  for (const [i, value] of want.entries()) {
    if (Number.isInteger(value) || Number.isNaN(value)) expect(got[i], `element ${i}`).toBe(value);
    else expect(got[i], `element ${i}`).toBeCloseTo(value, 4);
  }
}

it.each(REDUCTIONS)('a tensor of $shape is reduced along $axes', async ({ shape, axes }) => {
  await expectAlike((x) => sum(x, { axes }), shape);
  await expectAlike((x) => max(x, { axes }), shape);
  await expectAlike((x) => argmax(x, { axes }), shape);
});

describe('rows that need nothing of each other', () => {
  const shape = [60, 512];
  it.each([
    ['softmax', (x: Tensor<'f32'>): Tensor => softmax(x)],
    ['logSoftmax of columns', (x: Tensor<'f32'>): Tensor => logSoftmax(x.reshape([20, 3, 512]), { axis: 1 })],
    ['layerNorm', (x: Tensor<'f32'>): Tensor => layerNorm(x)],
    ['running sums', (x: Tensor<'f32'>): Tensor => cumsum(x, { exclusive: true })],
    ['reproducible ones', (x: Tensor<'f32'>): Tensor => cumsum(x, { reproducible: true })],
    ['a sort', (x: Tensor<'f32'>): Tensor => sort(x).values],
    ['the positions of a topK', (x: Tensor<'f32'>): Tensor => topK(x, 64).indices],
  ])('are done in slices: %s', async (_, run) => {
    await expectAlike(run, shape);
  });

  it('share scale and bias, which are whole', async () => {
    const vector = numbers.subarray(0, 512);
    await expectAlike(
      (x) => layerNorm(x, { scale: x.device.tensor(vector, [512]), bias: x.device.tensor(vector, [512]) }),
      shape,
    );
  });

  it('are explained', () => {
    const { reason, passes } = explain(softmax, device.empty(shape));
    expect(reason).toMatch(/in 4 slices, since the adapter binds 32768 bytes at once$/);
    expect(passes.length).toBe(4);
    expect(explain(sum, device.empty([30_720])).kernel).toBe('reduction/slices');
  });
});

describe('one long row', () => {
  const matrix = (x: Tensor<'f32'>): Tensor<'f32'> => x.reshape([3, 10_240]);
  const tall = (x: Tensor<'f32'>): Tensor<'f32'> => x.reshape([15_360, 2]);
  it.each([
    ['running sums', (x: Tensor<'f32'>): Tensor => cumsum(x)],
    [
      'those before each element, from the end',
      (x: Tensor<'f32'>): Tensor => cumsum(x, { exclusive: true, reverse: true }),
    ],
    ['softmax', (x: Tensor<'f32'>): Tensor => softmax(x)],
    [
      'logSoftmax of halves',
      (x: Tensor<'f32'>): Tensor => logSoftmax(x.device.tensor(numbers, [30_720], 'f16')),
    ],
    ['softmax of rows that are longer than can be bound', (x: Tensor<'f32'>): Tensor => softmax(matrix(x))],
    ['running maxima', (x: Tensor<'f32'>): Tensor => scan(x, { op: 'max', reverse: true })],
    ['a scan by an operator whose order matters', (x: Tensor<'f32'>): Tensor => scan(x, { op: LAST })],
    [
      'running sums of rows that are longer than can be bound',
      (x: Tensor<'f32'>): Tensor => cumsum(matrix(x)),
    ],
    ['running sums of columns', (x: Tensor<'f32'>): Tensor => cumsum(tall(x), { axis: 0 })],
    [
      'running sums of halves',
      (x: Tensor<'f32'>): Tensor => cumsum(x.device.tensor(numbers, [30_720], 'f16')),
    ],
    ['reproducible sums', (x: Tensor<'f32'>): Tensor => cumsum(x, { reproducible: true })],
    [
      'reproducible sums of columns, from the end',
      (x: Tensor<'f32'>): Tensor => cumsum(tall(x), { axis: 0, reverse: true, reproducible: true }),
    ],
  ])('is done in slices: %s', async (_, run) => {
    await expectAlike(run, [30_720]);
  });
});

describe('segments', () => {
  /** Of 0 to 96 elements, and one of more than can be bound. */
  const offsets = [0];
  while (offsets.at(-1)! < 12_000) offsets.push(offsets.at(-1)! + ((offsets.length * 37) % 97));
  offsets.push(25_000, 25_000, 30_720);
  it.each([
    ['sums', (x: Tensor<'f32'>): Tensor => segmentReduce(x, offsets)],
    ['means', (x: Tensor<'f32'>): Tensor => segmentReduce(x, offsets, { op: 'mean' })],
    ['maxima', (x: Tensor<'f32'>): Tensor => segmentReduce(x, offsets, { op: 'max' })],
    ['reproducible sums', (x: Tensor<'f32'>): Tensor => segmentReduce(x, offsets, { reproducible: true })],
    [
      'minima of halves, four columns',
      (x: Tensor<'f32'>): Tensor => {
        const four = x.device.tensor(numbers, [7680, 4], 'f16');
        return segmentReduce(four, [0, 100, 5000, 7680], { op: 'min' });
      },
    ],
    [
      'an operator of the caller',
      (x: Tensor<'f32'>): Tensor =>
        segmentReduce(x, offsets, { op: { combine: 'a + b', identity: '0', map: 'x * x' } }),
    ],
  ])('are reduced in slices: %s', async (_, run) => {
    await expectAlike(run, [30_720]);
  });
});

it.each(['histogram/local', 'histogram/naive'])('is counted in slices: by %s', async (kernel) => {
  await expectAlike(
    (x) => histogram(x, { bins: 20, range: [-40, 50], ...(x.device === device && { kernel }) }),
    [30_720],
  );
  const whole = Uint32Array.from(numbers, Math.abs);
  await expectAlike((x) => histogram(x.device.tensor(whole, [30_720], 'u32'), { bins: 40 }), [30_720]);
});

describe('what cannot be done in slices', () => {
  it.each([['rows that start anywhere', (): Tensor => softmax(device.empty([3, 4001, 3]), { axis: 1 })]])(
    'is refused with the limit: %s',
    (_, run) => {
      expect(run).toThrow(UnsupportedError);
      expect(run).toThrow(/the adapter allows 32768 \(maxStorageBufferBindingSize\)/);
    },
  );
});

/** What plans for hardware are made for: they have other shaders. */
const hardware = (): Capabilities => ({ ...device.capabilities, software: false });

describe('reduction/slices', () => {
  const kernel = reductionOperation.kernels.find(({ name }) => name === 'reduction/slices')!;
  const caps = { limits: { maxStorageBufferBindingSize: LIMIT, minStorageBufferOffsetAlignment: 256 } };
  const cases = reductionCases.filter(
    ({ problem }) => kernel.supports(problem, { ...caps } as GpuDevice['capabilities']) === true,
  );
  it('has cases', () => expect(cases.length).toBeGreaterThan(20));
  // Compiling the shaders is what takes the time.
  it.each(evenShare(cases, 20, 0))('$name', async (testCase) => {
    await checkCase(device, reductionOperation, kernel, testCase, {});
  });
});

describe('softmax/slices', () => {
  const kernel = softmaxOperation.kernels.find(({ name }) => name === 'softmax/slices')!;
  const problems: readonly SoftmaxProblem[] = [
    { dtype: 'f32', log: false, outer: 1, length: 2048, inner: 8 },
    { dtype: 'f32', log: true, outer: 1, length: 301, inner: 192 },
    { dtype: 'f32', log: false, outer: 1, length: 20_001, inner: 2 },
    { dtype: 'f16', log: false, outer: 1, length: 9000, inner: 7 },
    { dtype: 'f16', log: true, outer: 1, length: 70, inner: 512 },
  ];
  it.each(problems)('$dtype, $length rows of $inner columns, log $log', async (problem) => {
    expect(kernel.supports(problem, device.capabilities)).toBe(true);
    for (const distribution of ['normal', 'outliers', 'infinities', 'nan'] as const)
      await checkCase(device, softmaxOperation, kernel, { name: distribution, problem, distribution }, {});
    await checkCase(device, softmaxOperation, kernel, { name: 'as hardware', problem }, {}, hardware());
  });

  it('is chosen', async () => {
    expect(explain(softmax, device.empty([2048, 8]), { axis: 0 }).kernel).toBe('softmax/slices');
    await expectAlike((x) => softmax(x.reshape([2, 1920, 8]), { axis: 1 }), [30_720]);
  });
});
