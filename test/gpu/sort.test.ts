import { beforeAll, describe, expect, it } from 'vitest';
import {
  argsort,
  explain,
  openDevice,
  sort,
  sortBy,
  topK,
  type Device,
  type SortOptions,
  type Tensor,
  type TopKOptions,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

describe.each(['webgpu', 'cpu'] as const)('sorting on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  it('goes along the last axis by default, or any other, and says where elements were', async () => {
    const x = device.tensor([3, 1, 2, 9, 7, 8], [2, 3]);
    const rows = sort(x);
    expect(rows.values.shape).toEqual([2, 3]);
    expect(await read(rows.values)).toEqual([1, 2, 3, 7, 8, 9]);
    expect(rows.indices.dtype).toBe('u32');
    expect(await read(rows.indices)).toEqual([1, 2, 0, 1, 2, 0]);
    const columns = sort(x, { axis: 0, descending: true });
    expect(await read(columns.values)).toEqual([9, 7, 8, 3, 1, 2]);
    expect(await read(argsort(x, { axis: 1 }))).toEqual([1, 2, 0, 1, 2, 0]);
  });

  it('keeps the order of equals, in both directions, and takes -0 and +0 for equal', async () => {
    const x = device.tensor([2, 0, 1, -0, 2, 0, 1], [7]);
    expect(await read(argsort(x))).toEqual([1, 3, 5, 2, 6, 0, 4]);
    expect(await read(argsort(x, { descending: true }))).toEqual([0, 4, 2, 6, 1, 3, 5]);
    const { values } = sort(x);
    expect(await read(values)).toEqual([0, -0, 0, 1, 1, 2, 2]);
  });

  it('puts NaN last, or first if descending', async () => {
    const x = device.tensor([NaN, 1, -Infinity, Infinity, NaN, -1], [6]);
    expect(await read(sort(x).values)).toEqual([-Infinity, -1, 1, Infinity, NaN, NaN]);
    expect(await read(argsort(x))).toEqual([2, 5, 1, 3, 0, 4]);
    expect(await read(argsort(x, { descending: true }))).toEqual([0, 4, 3, 1, 5, 2]);
  });

  it('sorts the whole range of integers', async () => {
    const signed = device.tensor([5, -(2 ** 31), 2 ** 31 - 1, -1], [4], 'i32');
    expect(await read(sort(signed).values)).toEqual([-(2 ** 31), -1, 5, 2 ** 31 - 1]);
    const unsigned = device.tensor([5, 2 ** 32 - 1, 0], [3], 'u32');
    expect(await read(sort(unsigned, { descending: true }).values)).toEqual([2 ** 32 - 1, 5, 0]);
  });

  it('puts one tensor in the order of another', async () => {
    const x = device.tensor([10, 20, 30, 40, 50, 60], [2, 3], 'i32');
    const keys = device.tensor([3, 1, 2, 1, 1, 0], [2, 3], 'f16');
    expect(await read(sortBy(x, keys))).toEqual([20, 30, 10, 60, 40, 50]);
    expect(await read(sortBy(x, keys, { axis: 0 }))).toEqual([40, 20, 60, 10, 50, 30]);
  });

  it('finds the largest, or the smallest, in order', async () => {
    const x = device.tensor([1, 5, 5, 3, 9, 2, 9, 9], [2, 4]);
    const largest = topK(x, 2);
    expect(largest.values.shape).toEqual([2, 2]);
    expect(await read(largest.values)).toEqual([5, 5, 9, 9]);
    expect(await read(largest.indices)).toEqual([1, 2, 0, 2]);
    const smallest = topK(x, 1, { axis: 0, largest: false });
    expect(smallest.values.shape).toEqual([1, 4]);
    expect(await read(smallest.values)).toEqual([1, 2, 5, 3]);
    expect(await read(smallest.indices)).toEqual([0, 1, 0, 0]);
    expect(topK(x, 0).values.shape).toEqual([2, 0]);
    expect(await read(topK(x, 4).values)).toEqual([5, 5, 3, 1, 9, 9, 9, 2]);
  });

  it('takes the first of equals, be they many', async () => {
    const alike = device.tensor(new Float32Array(70_000), [70_000]);
    const { values, indices } = topK(alike, 5);
    expect(await read(values)).toEqual([0, 0, 0, 0, 0]);
    expect(await read(indices)).toEqual([0, 1, 2, 3, 4]);
    const x = new Float32Array(70_000).fill(1);
    x[69_999] = 2;
    x[3] = NaN;
    expect(await read(topK(device.tensor(x, [70_000]), 4).indices)).toEqual([3, 69_999, 0, 1]);
  });

  it('has nothing to do for an empty tensor', async () => {
    const { values, indices } = sort(device.empty([3, 0]));
    expect([values.shape, indices.shape]).toEqual([
      [3, 0],
      [3, 0],
    ]);
    expect(await read(indices)).toEqual([]);
  });

  it.each([
    ['an axis that x does not have', { axis: 2 }, 'sort: x [2, 2] has no axis 2; expected -2 to 1'],
    ['a flag that is none', { descending: 'yes' }, 'sort: descending must be true or false, got "yes"'],
    [
      'an unknown option',
      { order: 1 },
      'sort has no option "order"; it has axis, descending, kernel, config',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => sort(device.empty([2, 2]), options as SortOptions)).toThrow(message);
  });

  it('refuses what does not fit', () => {
    const x = device.empty([2, 3]);
    expect(() => sortBy(x, device.empty([3, 2]))).toThrow(
      'sortBy needs a key for each element: x is [2, 3], keys are [3, 2]',
    );
    expect(() => topK(x, 4)).toThrow(
      'topK: k must be a whole number from 0 to 3, the size of the axis in x [2, 3], got 4',
    );
    expect(() => topK(x, 3, { axis: 0 })).toThrow('from 0 to 2');
    expect(() => topK(x, 1.5)).toThrow('got 1.5');
    expect(() => topK(x, 1, { largest: 1 } as unknown as TopKOptions)).toThrow(
      'largest must be true or false',
    );
    expect(() => argsort(device.tensor([1], []))).toThrow('argsort needs at least one axis, got a scalar');
  });
});

describe('sorts of five million elements', () => {
  /** Keys with many equals, and the whole range of the type. */
  const keysOf = {
    f32: () => Float32Array.from({ length: 5_000_000 }, (_, i) => ((i * 7919) % 100_003) - 50_000),
    f16: () => Float32Array.from({ length: 5_000_000 }, (_, i) => ((i * 7919) % 4001) - 2000),
    i32: () => Int32Array.from({ length: 5_000_000 }, (_, i) => Math.imul(i, 2_654_435_761) & ~7),
    u32: () => Uint32Array.from({ length: 5_000_000 }, (_, i) => Math.imul(i, 2_654_435_761) & ~7),
  };

  /** Without another sort: each element is there once, and comes after what is smaller, or equal and before it. */
  function firstWrong(
    keys: ArrayLike<number>,
    indices: Uint32Array,
    axis: 0 | 1,
    descending: boolean,
  ): number {
    const columns = axis === 0 ? 4 : 1;
    const rows = keys.length / columns;
    const seen = new Uint8Array(keys.length);
    return indices.findIndex((index, at) => {
      const place = index * columns + (at % columns);
      if (index >= rows || ++seen[place]! > 1) return true;
      if (at < columns) return false;
      const before = indices[at - columns]!;
      const difference = keys[place]! - keys[before * columns + (at % columns)]!;
      return difference === 0 ? before >= index : difference < 0 !== descending;
    });
  }

  it.each([
    ['f32', 0, true],
    ['f16', 1, false],
    ['i32', 1, true],
    ['u32', 0, false],
  ] as const)('of %s along axis %i, descending %s, by sort/radix', async (dtype, axis, descending) => {
    const device = await testDevice();
    if (dtype === 'f16' && !device.capabilities.f16) return;
    const keys = keysOf[dtype]();
    const x = device.tensor(keys, axis === 0 ? [1_250_000, 4] : [1, 5_000_000], dtype);
    const how = { axis, descending, kernel: 'sort/radix' };
    const { values, indices } = sort(x, how);
    const where = (await indices.read()) as Uint32Array;
    expect(firstWrong(keys, where, axis, descending)).toBe(-1);
    const columns = axis === 0 ? 4 : 1;
    const got = await values.read();
    expect(got.findIndex((value, at) => value !== keys[where[at]! * columns + (at % columns)])).toBe(-1);
    if (dtype === 'f16') {
      const payload = keysOf.i32();
      using carried = device.tensor(payload, x.shape, 'i32');
      using moved = sortBy(carried, x, how);
      expect((await moved.read()).findIndex((value, at) => value !== payload[where[at]!])).toBe(-1);
    }
    for (const tensor of [x, values, indices]) tensor.dispose();
  });

  it('find the first few, by sort/select', async () => {
    const device = await testDevice();
    const keys = keysOf.f32();
    using x = device.tensor(keys, [keys.length]);
    const { values, indices } = topK(x, 100, { kernel: 'sort/select' });
    const least = keys.slice().sort().at(-100)!;
    const order = [...keys.keys()].filter((i) => keys[i]! >= least);
    order.sort((a, b) => keys[b]! - keys[a]! || a - b);
    expect([...(await indices.read())]).toEqual(order.slice(0, 100));
    expect([...(await values.read())]).toEqual(order.slice(0, 100).map((i) => keys[i]));
    for (const tensor of [values, indices]) tensor.dispose();
  });
});

describe('the choice of a sort kernel', () => {
  it('follows the length of rows', async () => {
    const device = await testDevice();
    expect(explain(sort, device.empty([100, 1000])).kernel).toBe('sort/bitonic');
    expect(explain(sort, device.empty([100_000])).kernel).toBe('sort/radix');
    expect(explain(sort, device.empty([1000, 16]), { axis: 0 }).kernel).toBe('sort/bitonic');
    expect(explain(topK, device.empty([8, 100_000]), 50).kernel).toBe('sort/select');
    expect(explain(topK, device.empty([100_000]), 90_000).kernel).toBe('sort/radix');
    expect(explain(topK, device.empty([100_000]), 0).kernel).toBe('sort/naive');
  });
});
