import { beforeAll, describe, expect, it } from 'vitest';
import {
  groupNormBackward,
  layerNormBackward,
  logSoftmax,
  logSoftmaxBackward,
  openDevice,
  rmsNormBackward,
  softmax,
  softmaxBackward,
  type Device,
  type Tensor,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('gradients on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  async function expectClose(tensor: Tensor, expected: readonly number[]): Promise<void> {
    const values = [...(await tensor.read())];
    expect(values).toEqual(expected.map((value) => expect.closeTo(value, 5) as number));
  }

  it('of softmax and its logarithm, along any axis', async () => {
    const x = device.tensor([0, 0, Math.log(3), Math.log(3)], [2, 2]);
    const dy = device.tensor([1, 0, 0, 2], [2, 2]);
    // Columns of [1/4, 3/4]: sums of y dy are 1/4 and 3/2.
    await expectClose(
      softmaxBackward(softmax(x, { axis: 0 }), dy, { axis: 0 }),
      [0.1875, -0.375, -0.1875, 0.375],
    );
    await expectClose(
      logSoftmaxBackward(logSoftmax(x, { axis: 0 }), dy, { axis: 0 }),
      [0.75, -0.5, -0.75, 0.5],
    );
  });

  it('of norms, for x, scale and bias', async () => {
    const x = device.tensor([1, 3, 5, 9], [2, 2]);
    const dy = device.tensor([1, 2, 3, 5], [2, 2]);
    const scale = device.tensor([2, 3], [2]);
    const layer = layerNormBackward(x, dy, { scale, epsilon: 0 });
    // Two elements are normalised to -1 and 1 whatever they are.
    await expectClose(layer.dx, [0, 0, 0, 0]);
    await expectClose(layer.dScale, [-4, 7]);
    await expectClose(layer.dBias, [4, 7]);
    const rms = rmsNormBackward(device.tensor([1, 7], [1, 2]), device.tensor([1, 0], [1, 2]), { epsilon: 0 });
    // n = x / 5; g - n * mean of g n = [1 - 0.2 * 0.1, -1.4 * 0.1].
    await expectClose(rms.dx, [0.98 / 5, -0.14 / 5]);
    await expectClose(rms.dScale, [0.2, 0]);
    const group = groupNormBackward(
      device.tensor([1, 3, 5, 9], [1, 2, 2]),
      device.tensor([1, 2, 3, 5], [1, 2, 2]),
      {
        groups: 2,
        epsilon: 0,
      },
    );
    await expectClose(group.dx, [0, 0, 0, 0]);
    await expectClose(group.dScale, [1, 2]);
    await expectClose(group.dBias, [3, 8]);
  });

  it('gives zeros for scale and bias where there are no rows', async () => {
    const none = device.empty([0, 3]);
    const { dx, dScale, dBias } = layerNormBackward(none, none);
    expect(dx.shape).toEqual([0, 3]);
    await expectClose(dScale, [0, 0, 0]);
    await expectClose(dBias, [0, 0, 0]);
  });

  it('refuses operands that do not fit', () => {
    const x = device.empty([2, 4]);
    const other = device.empty([4, 2]);
    expect(() => softmaxBackward(x, other)).toThrow(
      'softmaxBackward: dy must have shape [2, 4] as y has, got [4, 2]',
    );
    expect(() => softmaxBackward(x, device.empty([2, 4], 'f16') as unknown as Tensor<'f32'>)).toThrow(
      'softmaxBackward: dy must be f32 as y is, got f16',
    );
    expect(() => layerNormBackward(x, other)).toThrow(
      'layerNormBackward: dy must have shape [2, 4], got [4, 2]',
    );
    expect(() => rmsNormBackward(x, x, { scale: other })).toThrow(
      'rmsNormBackward: scale must have shape [4], got [4, 2]',
    );
  });
});
