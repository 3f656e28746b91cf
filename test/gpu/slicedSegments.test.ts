// Scans of segments of tensors larger than a device can bind at once, which go on from slice to slice.
import { beforeAll, describe, expect, it } from 'vitest';
import { explain, openDevice, segmentScan, type Device, type Tensor } from '../../src/node.ts';
import type { SegmentScanOptions } from '../../src/index.ts';
import type { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 32_768;
/** Elements of f32 that a slice has where a tensor's size is a multiple of them. */
const SLICE = LIMIT / 4;

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await narrowDevice(LIMIT);
  cpu = await openDevice({ backend: 'cpu' });
  return () => device.destroy();
});

/** Of 0 to 96 elements. */
function shortSegments(length: number): readonly number[] {
  const offsets = [0];
  while (offsets.at(-1)! < length) {
    offsets.push(Math.min(length, offsets.at(-1)! + ((offsets.length * 37) % 97)));
  }
  return offsets;
}

/** Offsets of as many elements as several slices have. */
const SEGMENTS: Readonly<Record<string, readonly number[]>> = {
  'one of two slices': [0, 2 * SLICE],
  'one of five': [0, 5 * SLICE],
  'those that end with slices': [0, SLICE, 2 * SLICE, 3 * SLICE],
  'empty ones where slices end': [
    0,
    0,
    SLICE,
    SLICE,
    SLICE,
    SLICE + 5,
    2 * SLICE,
    2 * SLICE,
    3 * SLICE,
    3 * SLICE,
  ],
  'one across a border, one up to the next': [0, 3, SLICE - 1, SLICE + 1, 2 * SLICE, 3 * SLICE],
  'one of all slices but two elements': [0, 1, 5 * SLICE - 1, 5 * SLICE],
  'many short ones, of three slices that end anywhere': shortSegments(20_011),
  'short ones and one of more than a slice': [...shortSegments(3000), 20_000, 20_000, 30_723],
};

const WAYS: Readonly<Record<string, SegmentScanOptions>> = {
  sums: {},
  'exclusive sums from the end': { exclusive: true, reverse: true },
  'exclusive sums': { exclusive: true },
  'maxima from the end': { op: 'max', reverse: true },
  'the last number that was not 0': { op: { combine: 'select(b, a, b == 0)', identity: '0' } },
  'magnitudes, by an operator of the caller': {
    op: { combine: 'a + b', identity: '0', map: 'abs(x)' },
    reverse: true,
  },
  'reproducible sums': { reproducible: true },
  'reproducible sums before each element, from the end': {
    reproducible: true,
    exclusive: true,
    reverse: true,
  },
};

/** Whole numbers, whose sums are exact in f32. */
const numbers = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7919) % 101) - 50);

async function expectAlike(run: (on: Device) => Tensor): Promise<void> {
  const [got, want] = await Promise.all([device, cpu].map((on) => run(on).read()));
  expect(got).toEqual(want);
}

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  it.each(Object.entries(SEGMENTS))('of %s', async (_name, offsets) => {
    const length = offsets.at(-1)!;
    await expectAlike((on) => segmentScan(on.tensor(numbers(length), [length]), offsets, way));
  });

  it('of columns', async () => {
    const offsets = [0, 5, 2000, 2000, 6001, 6002];
    await expectAlike((on) => segmentScan(on.tensor(numbers(30_010), [6002, 5]), offsets, way));
  });

  it('of more columns than borders have room for side by side', async () => {
    const offsets = [0, 5, 700, 700, 1000];
    await expectAlike((on) => segmentScan(on.tensor(numbers(150_000), [1000, 150]), offsets, way));
  });

  it('of halves', async () => {
    // Sums of few, which f16 has.
    const offsets = shortSegments(40_011);
    const ones = numbers(40_011).map((x) => Math.abs(x) % 2);
    await expectAlike((on) => segmentScan(on.tensor(ones, [40_011], 'f16'), offsets, way));
  });
});

it('of integers by the plainest kernel', async () => {
  const offsets = SEGMENTS['empty ones where slices end']!;
  const length = offsets.at(-1)!;
  await expectAlike((on) =>
    segmentScan(on.tensor(numbers(length), [length], 'i32'), offsets, {
      ...(on === device && { kernel: 'scan/naive' }),
    }),
  );
});

it('is said by explain', () => {
  const { kernel, passes } = explain(segmentScan, device.empty([3 * SLICE]), [0, 3 * SLICE]);
  expect(kernel).toBe('scan/tiles');
  expect(passes.length).toBe(3);
});
