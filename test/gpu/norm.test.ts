import { beforeAll, describe, expect, it } from 'vitest';
import { normOperation } from '../../src/kernels/checked.ts';
import { layerProblem } from '../../src/kernels/norm/cases.ts';
import {
  addLayerNorm,
  addRmsNorm,
  explain,
  groupNorm,
  layerNorm,
  openDevice,
  rmsNorm,
  type Device,
  type GroupNormOptions,
  type LayerNormOptions,
  type Tensor,
} from '../../src/node.ts';
import { checkCase } from './support/checkCase.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('norms on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  async function expectClose(tensor: Tensor, expected: readonly number[]): Promise<void> {
    const values = [...(await tensor.read())];
    expect(values).toEqual(expected.map((value) => expect.closeTo(value, 4) as number));
  }

  it('normalises the last axis by default, or any others', async () => {
    const x = device.tensor([1, 3, 5, 9], [2, 2]);
    await expectClose(layerNorm(x, { epsilon: 0 }), [-1, 1, -1, 1]);
    await expectClose(layerNorm(x, { axes: 0, epsilon: 0 }), [-1, -1, 1, 1]);
    await expectClose(rmsNorm(device.tensor([1, 7], [1, 2]), { epsilon: 0 }), [0.2, 1.4]);
    await expectClose(rmsNorm(x, { axes: [], epsilon: 0 }), [1, 1, 1, 1]);
    await expectClose(layerNorm(x, { axes: [], epsilon: 1 }), [0, 0, 0, 0]);
  });

  it('scales and adds a bias, for each element of a row', async () => {
    const x = device.tensor([1, 3, 5, 9], [2, 2]);
    const scale = device.tensor([2, 3], [2]);
    const bias = device.tensor([10, 20], [2]);
    await expectClose(layerNorm(x, { epsilon: 0, scale, bias }), [8, 23, 8, 23]);
    await expectClose(layerNorm(x, { axes: 0, epsilon: 0, bias }), [9, 9, 21, 21]);
  });

  it('adds a residual first, and gives the sum too on request', async () => {
    const x = device.tensor([1, 1, 2, 2], [2, 2]);
    const residual = device.tensor([0, 2, 3, 7], [2, 2]);
    await expectClose(layerNorm(x, { residual, epsilon: 0 }), [-1, 1, -1, 1]);
    const both = addLayerNorm(x, residual, { epsilon: 0 });
    await expectClose(both.y, [-1, 1, -1, 1]);
    await expectClose(both.sum, [1, 3, 5, 9]);
    const rms = addRmsNorm(device.tensor([0, 3], [2]), device.tensor([1, 4], [2]), { epsilon: 0 });
    await expectClose(rms.y, [0.2, 1.4]);
    await expectClose(rms.sum, [1, 7]);
  });

  it('normalises groups of channels, with a scale and a bias for each channel', async () => {
    const x = device.tensor([1, 3, 5, 9, 2, 4, 2, 4], [1, 4, 2]);
    const scale = device.tensor([1, 1, 10, 20], [4]);
    const bias = device.tensor([0, 0, 1, 2], [4]);
    await expectClose(groupNorm(x, { groups: 2, epsilon: 0, scale, bias }), [
      -7 / Math.sqrt(35),
      -3 / Math.sqrt(35),
      1 / Math.sqrt(35),
      9 / Math.sqrt(35),
      -9,
      11,
      -18,
      22,
    ]);
    await expectClose(groupNorm(x, { groups: 4, epsilon: 0 }), [-1, 1, -1, 1, -1, 1, -1, 1]);
  });

  it('has nothing to do for empty tensors', async () => {
    expect(layerNorm(device.empty([0, 4])).shape).toEqual([0, 4]);
    expect(await layerNorm(device.empty([4, 0])).read()).toHaveLength(0);
  });

  it.each([
    ['an axis that is not there', { axes: 2 }, 'layerNorm: x [2, 4] has no axis 2; expected -2 to 1'],
    ['an axis given twice', { axes: [1, -1] }, 'layerNorm: axes [1, -1] name axis 1 of x twice'],
    ['a negative epsilon', { epsilon: -1 }, 'layerNorm: epsilon must be a number, 0 or more, got -1'],
    [
      'an unknown option',
      { eps: 1 },
      'layerNorm has no option "eps"; it has epsilon, scale, residual, axes, bias',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => layerNorm(device.empty([2, 4]), options as LayerNormOptions)).toThrow(message);
  });

  it('refuses operands that do not fit', () => {
    const x = device.empty([2, 4]);
    const three = device.empty([3]);
    expect(() => layerNorm(x, { scale: three })).toThrow('layerNorm: scale must have shape [4], got [3]');
    expect(() => addRmsNorm(x, three)).toThrow('addRmsNorm: residual must have shape [2, 4], got [3]');
    expect(() => rmsNorm(x, { scale: device.empty([4], 'f16') })).toThrow(
      'rmsNorm takes operands that are all f32 or all f16, got f32 and f16',
    );
    expect(() => groupNorm(x, { groups: 3 })).toThrow('3 groups do not divide the 4 channels of x [2, 4]');
    expect(() => groupNorm(x, {} as GroupNormOptions)).toThrow('undefined groups do not divide');
    expect(() => groupNorm(three, { groups: 1 })).toThrow(
      'groupNorm takes x [batch, channels, ...], got [3]',
    );
  });
});

describe('norm/row', () => {
  const kernel = normOperation.kernels.find(({ name }) => name === 'norm/row')!;

  // A software adapter prefers to read such rows again, but is as good a judge of the results.
  it.each([
    [1000, 64],
    [4099, 256],
    [16_384, 512],
  ])('keeps rows of %i elements in the registers of %i invocations', async (length, lanes) => {
    const device = await testDevice();
    const problem = layerProblem('layer', 'f32', [3, length], [1], { scale: true, bias: true });
    for (const subgroups of [false, true]) {
      const config = { lanes, subgroups, kept: true };
      expect(kernel.legal(config, problem, device.capabilities)).toBe(true);
      await checkCase(device, normOperation, kernel, { name: `rows of ${length}`, problem }, config);
    }
  });

  it('is chosen for rows without gaps', async () => {
    const device = await testDevice();
    const x = device.empty([8, 6, 4]);
    expect(explain(layerNorm, x, { axes: [1, 2] }).kernel).toBe('norm/row');
    expect(explain(layerNorm, x, { axes: 1 }).kernel).toBe('norm/naive');
  });
});
