import { beforeAll, describe, expect, it } from 'vitest';
import { compact, nonzero, openDevice, type Device, type Tensor } from '../../src/node.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('compaction on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

  it('keeps elements in their order, and says how many', async () => {
    const x = device.tensor([1, 2, 3, 4, 5, 6], [2, 3], 'i32');
    const mask = device.tensor([0, 1, 0, -7, 0, 1], [2, 3], 'i32');
    const { values, count } = compact(x, mask);
    expect([values.shape, values.dtype, count.shape, count.dtype]).toEqual([[6], 'i32', [], 'u32']);
    expect(await read(count)).toEqual([3]);
    expect(await read(values)).toEqual([2, 4, 6, 0, 0, 0]);
  });

  it('finds what is not zero, the smallest number and NaN among it', async () => {
    const x = device.tensor([0, 1e-45, -0, NaN, -1], [5]);
    const { indices, count } = nonzero(x);
    expect(await read(count)).toEqual([3]);
    expect(await read(indices)).toEqual([1, 3, 4, 0, 0]);
  });

  it('keeps all, or nothing, or nothing of nothing', async () => {
    const x = device.tensor(new Float32Array(5000).fill(3), [5000]);
    expect(await read(compact(x, x).count)).toEqual([5000]);
    expect(await read(compact(x, device.tensor(new Float32Array(5000), [5000])).count)).toEqual([0]);
    const empty = compact(device.empty([0]), device.empty([0]));
    expect(empty.values.shape).toEqual([0]);
    expect(await read(empty.count)).toEqual([0]);
  });

  it('refuses a mask of another shape', () => {
    expect(() => compact(device.empty([2, 3]), device.empty([6]))).toThrow(
      'compact needs a mask for each element: x is [2, 3], the mask is [6]',
    );
    expect(() => nonzero(device.empty([2]), { axis: 0 } as object)).toThrow('nonzero has no option "axis"');
  });
});
