import { beforeAll, describe, expect, it } from 'vitest';
import {
  explain,
  histogram,
  openDevice,
  type Device,
  type HistogramOptions,
  type Tensor,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('histogram on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

  it('counts integers in the bins that they name, and leaves out others', async () => {
    const x = device.tensor([0, 3, 1, 3, -1, 4, 3], [7], 'i32');
    const counts = histogram(x, { bins: 4 });
    expect([counts.dtype, counts.shape]).toEqual(['u32', [4]]);
    expect(await read(counts)).toEqual([1, 1, 0, 3]);
    const large = device.tensor([2 ** 32 - 1, 1], [2], 'u32');
    expect(await read(histogram(large, { bins: 2 }))).toEqual([0, 1]);
  });

  it('counts floats in ranges that have their lower edge, and the last both', async () => {
    const x = device.tensor([0, 0.25, 0.5, 1, -0.1, 1.1, NaN, Infinity, -Infinity, 0.99], [2, 5]);
    expect(await read(histogram(x, { bins: 4, range: [0, 1] }))).toEqual([1, 1, 1, 2]);
  });

  it('counts nothing in an empty tensor', async () => {
    expect(await read(histogram(device.empty([0]), { bins: 2, range: [0, 1] }))).toEqual([0, 0]);
  });

  it.each([
    ['no bins', { bins: 0 }, 'histogram: bins must be an integer from 1 to 4294967295, got 0'],
    ['half a bin', { bins: 0.5 }, 'got 0.5'],
    ['floats without a range', { bins: 1 }, 'elements of f32 need a range [low, high] of finite numbers'],
    ['an empty range', { bins: 1, range: [1, 1] }, 'low < high, got [1, 1]'],
    ['an infinite range', { bins: 1, range: [0, Infinity] }, 'finite numbers'],
    [
      'a range that is too narrow to divide by',
      { bins: 10, range: [0, 1e-44] },
      'histogram: range must be wider: 10 bins / (high - low) is beyond the numbers of f32, got [0, 1e-44]',
    ],
    ['a range of NaN', { bins: 1, range: [NaN, 1] }, 'low < high, got [NaN, 1]'],
    ['NaN bins', { bins: NaN }, 'got NaN'],
    ['a range that is none', { bins: 1, range: 3 }, 'low < high, got 3'],
  ])('refuses %s', (_, options, message) => {
    expect(() => histogram(device.empty([2]), options as unknown as HistogramOptions)).toThrow(message);
  });

  it('refuses a range for integers', () => {
    expect(() => histogram(device.empty([2], 'i32'), { bins: 1, range: [0, 1] })).toThrow(
      'elements of i32 are bins themselves and take no range',
    );
  });
});

it('counts in workgroup memory where the bins fit', async () => {
  const device = await testDevice();
  expect(explain(histogram, device.empty([1000], 'u32'), { bins: 1000 }).kernel).toBe('histogram/local');
  expect(explain(histogram, device.empty([1000], 'u32'), { bins: 100_000 }).kernel).toBe('histogram/naive');
});
