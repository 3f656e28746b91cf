// Compaction of tensors larger than a device can bind at once, which it reads slice by slice and writes window by window.
import { beforeAll, describe, expect, it } from 'vitest';
import { compact, explain, nonzero, openDevice, type Device } from '../../src/node.ts';
import type { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 32_768;

let device: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  device = await narrowDevice(LIMIT);
  cpu = await openDevice({ backend: 'cpu' });
  return () => device.destroy();
});

/** Two slices of 32-bit elements; three that end with a binding; five and a piece of one, which begins no tile. */
const LENGTHS = [16_000, (3 * LIMIT) / 4, 5 * (LIMIT / 4) + 37];

const MASKS: Readonly<Record<string, (i: number, length: number) => boolean>> = {
  nothing: () => false,
  all: () => true,
  'some of all': (i) => (i * 7919) % 101 < 40,
  'the last': (i, length) => i === length - 1,
  'the first half': (i, length) => 2 * i < length,
  'the second half': (i, length) => 2 * i >= length,
};

const cases = LENGTHS.flatMap((length) =>
  Object.entries(MASKS).map(([kept, keeps]) => ({ length, kept, keeps })),
);

const TYPES = [
  ['f32', 'u32'],
  ['f32', 'f16'],
  ['f16', 'f32'],
  ['i32', 'i32'],
] as const;

describe.each(TYPES)('%s by a mask of %s', (dtype, maskType) => {
  it.each(cases)('$length elements, kept: $kept', async ({ length, keeps }) => {
    const numbers = Float32Array.from({ length }, (_, i) => (i % 2039) + 1);
    const kept = Float32Array.from({ length }, (_, i) => Number(keeps(i, length)));
    const results = await Promise.all(
      [device, cpu].map(async (on) => {
        const mask = on.tensor(kept, [length], maskType);
        const { values, count } = compact(on.tensor(numbers, [length], dtype), mask);
        const { indices, count: alike } = nonzero(mask);
        return Promise.all([values.read(), count.read(), indices.read(), alike.read()]);
      }),
    );
    expect(results[0]).toEqual(results[1]);
  });
});

it('is said by explain', () => {
  const x = device.empty([30_720]);
  const { kernel, passes } = explain(nonzero, x);
  expect(kernel).toBe('compact/tiles');
  // Elements go to where they were or before.
  expect(passes.filter(({ label }) => label === 'compact/tiles').length).toBe((4 * 5) / 2);
});

it('leaves what it has no element for at zero where memory is used again', async () => {
  const length = 30_720;
  device.tensor(new Float32Array(length).fill(7), [length]).dispose();
  const { indices } = nonzero(device.tensor(new Float32Array(length), [length]));
  expect((await indices.read()).every((index) => index === 0)).toBe(true);
});
