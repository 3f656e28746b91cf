// Copies and conversions of tensors larger than a device can bind at once, from each stretch of what is read to each of what is made.
import { beforeAll, describe, expect, it } from 'vitest';
import { cast, contiguous, explain, openDevice, sum, type Device, type Tensor } from '../../src/node.ts';
import { convertOperation } from '../../src/kernels/checked.ts';
import { convertCases } from '../../src/kernels/convert/cases.ts';
import { elementCount, type DType } from '../../src/tensor.ts';
import type { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import { checkCase } from './support/checkCase.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 32_768;

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await narrowDevice(LIMIT);
  cpu = await openDevice({ backend: 'cpu' });
  return () => device.destroy();
});

/** Whole numbers that every type has. */
function numbersOn(on: Device, shape: readonly number[], dtype: DType): Tensor {
  const length = elementCount(shape);
  const numbers = Float32Array.from({ length }, (_, i) => (i * 7919) % 101);
  return on.tensor(numbers, shape, dtype);
}

async function expectAlike(run: (on: Device) => Tensor): Promise<void> {
  const [got, want] = await Promise.all([device, cpu].map((on) => run(on).read()));
  expect(got).toEqual(want);
}

describe('views are copied', () => {
  const views: Readonly<Record<string, readonly [shape: readonly number[], view: (x: Tensor) => Tensor]>> = {
    'a transpose': [[150, 301], (x) => x.transpose()],
    'columns, of which all rows fit a binding': [[301, 150], (x) => x.slice(1, 7, 20)],
    'columns of more than a binding': [[301, 450], (x) => x.slice(1, 101, 302)],
    'rows that begin anywhere': [[301, 451], (x) => x.slice(0, 3, 299)],
    'three axes in reverse': [[30, 21, 67], (x) => x.transpose(0, 2)],
    'axes that end where bindings do': [[32, 2, 32, 32], (x) => x.transpose(1, 3)],
  };
  const cases = Object.entries(views).flatMap(([name, [shape, view]]) =>
    (['f32', 'f16', 'bf16', 'i8'] as const).map((dtype) => ({ name, dtype, shape, view })),
  );
  it.each(cases)('$name, of $dtype', async ({ dtype, shape, view }) => {
    await expectAlike((on) => contiguous(view(numbersOn(on, shape, dtype))));
  });

  it('for operations that need them without gaps', async () => {
    await expectAlike((on) => sum(numbersOn(on, [150, 301], 'f32').transpose(), { axes: 1 }));
  });
});

describe('tensors are converted', () => {
  it.each([
    ['f32', 'f16', 41_001],
    ['f16', 'f32', 41_001],
    ['f32', 'bf16', 16_384],
    ['bf16', 'f32', 24_577],
    ['i32', 'i8', 41_003],
    ['i8', 'i32', 41_003],
    ['i32', 'f32', 40_960],
  ] as const)('from %s to %s', async (from, to, length) => {
    await expectAlike((on) => cast(numbersOn(on, [length], from), to));
    await expectAlike((on) => cast(numbersOn(on, [41, length % 1000], from).transpose(), to));
  });
});

it('is said by explain', () => {
  const { passes } = explain(cast, device.empty([5 * (LIMIT / 4)]), 'f16');
  // Three parts of the result lie across seven of five parts of x.
  expect(passes.length).toBe(7);
});

describe('every case on a device that binds next to nothing', () => {
  const [kernel] = convertOperation.kernels;
  it.each(convertCases)('$name', async (testCase) => {
    const tiny = await narrowDevice(1024);
    const config = kernel!.heuristic(testCase.problem, tiny.capabilities);
    await checkCase(tiny, convertOperation, kernel!, testCase, config);
    tiny.destroy();
  });
});
