// Norms, and their gradients, of tensors larger than a device can bind at once; as in slices.test.ts, the device pretends to bind little.
import { beforeAll, describe, expect, it } from 'vitest';
import { normBackwardOperation, normOperation } from '../../src/kernels/checked.ts';
import { groupProblem, layerProblem } from '../../src/kernels/norm/cases.ts';
import {
  explain,
  groupNorm,
  layerNorm,
  layerNormBackward,
  openDevice,
  type Capabilities,
  type Device,
  type Tensor,
} from '../../src/node.ts';
import type { NormBackwardProblem, NormProblem } from '../../src/reference/norm.ts';
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

/** What plans for hardware are made for: they have other shaders. */
const hardware = (): Capabilities => ({ ...device.capabilities, software: false });

describe('norm/slices', () => {
  const kernel = normOperation.kernels.find(({ name }) => name === 'norm/slices')!;
  const all = { scale: true, bias: true, residual: true, sum: true };
  const cases: Readonly<Record<string, NormProblem>> = {
    'one row in two slices': layerProblem('layer', 'f32', [1, 10_000], [1]),
    'rows in several slices, with all there is': layerProblem('layer', 'f32', [2, 40_960], [1], all),
    'a row that ends anywhere': layerProblem('layer', 'f32', [1, 30_719], [1], all),
    'mean squares': layerProblem('rms', 'f32', [3, 20_480], [1], { scale: true, residual: true }),
    halves: layerProblem('layer', 'f16', [2, 30_720], [1], all),
    'mean squares of halves': layerProblem('rms', 'f16', [1, 16_386], [1], { scale: true }),
    'groups of channels': groupProblem('f32', [2, 2, 64, 192], { scale: true, bias: true }),
    'two axes': layerProblem('layer', 'f32', [2, 96, 128], [1, 2], { scale: true }),
    columns: layerProblem('layer', 'f32', [2048, 8], [0], all),
    'columns that start anywhere': layerProblem('rms', 'f32', [301, 192], [0], { scale: true }),
    'columns of halves': layerProblem('layer', 'f16', [9000, 7], [0], all),
    'columns in the middle': layerProblem('layer', 'f32', [2, 640, 16], [1], all),
    'rows that start anywhere': layerProblem('layer', 'f32', [2, 10_001], [1], all),
    'halves that start anywhere': layerProblem('layer', 'f16', [3, 16_401], [1], all),
    'groups that start anywhere': groupProblem('f32', [2, 3, 5, 2003], all),
    'columns of which few elements are bound': layerProblem('layer', 'f32', [100, 131], [0], all),
    'many columns, of whose statistics those of a slice are held': layerProblem(
      'layer',
      'f32',
      [60, 601],
      [0],
      all,
    ),
    'columns in the middle that start anywhere': layerProblem('rms', 'f16', [3, 2641, 15], [1], {
      scale: true,
      residual: true,
      sum: true,
    }),
    'axes that lie apart': layerProblem('layer', 'f32', [96, 10, 32], [0, 2], all),
  };
  it.each(Object.entries(cases))('%s', async (name, problem) => {
    expect(kernel.supports(problem, device.capabilities)).toBe(true);
    for (const distribution of ['normal', 'nearOne'] as const)
      await checkCase(device, normOperation, kernel, { name, problem, distribution }, {});
    await checkCase(device, normOperation, kernel, { name, problem }, {}, hardware());
  });

  it('keeps the variance of numbers that are far from 0', async () => {
    const far = Float32Array.from({ length: 20_000 }, (_, i) => 1e4 + (i % 2 ? 1 : -1));
    const got = await layerNorm(device.tensor(far, [1, 20_000]), { epsilon: 0 }).read();
    for (const [i, value] of got.entries()) expect(Math.abs(value - (i % 2 ? 1 : -1))).toBeLessThan(2e-3);
  });

  /** A norm of whole numbers on both devices, which agree but for a few roundings. */
  async function expectAlike(run: (x: Tensor<'f32'>) => Tensor): Promise<void> {
    const numbers = Float32Array.from({ length: 30_720 }, (_, i) => (i * 7919) % 101);
    const [got, want] = await Promise.all(
      [device, cpu].map((one) => run(one.tensor(numbers, [30_720])).read()),
    );
    for (const [i, value] of want!.entries()) expect(got![i], `element ${i}`).toBeCloseTo(value, 4);
  }

  it('is chosen', async () => {
    expect(explain(layerNorm, device.empty([1, 10_240])).kernel).toBe('norm/slices');
    expect(explain(layerNorm, device.empty([2048, 8]), { axes: 0 }).kernel).toBe('norm/slices');
    await expectAlike((x) => layerNorm(x.reshape([2, 1920, 8]), { axes: 1 }));
  });

  it('is not where some groups can be bound at a time', async () => {
    const { kernel, reason } = explain(groupNorm, device.empty([3, 1024, 10]), { groups: 16 });
    expect(kernel).toBe('norm/row');
    expect(reason).toContain('in 6 slices');
    await expectAlike((x) => {
      const scale = x.device.tensor(
        Float32Array.from({ length: 1024 }, (_, i) => i % 7),
        [1024],
      );
      return groupNorm(x.reshape([3, 1024, 10]), { groups: 16, scale });
    });
  });
});

describe('normBackward/slices', () => {
  const kernel = normBackwardOperation.kernels.find(({ name }) => name === 'normBackward/slices')!;
  // Sums of a slice's channels have to begin where they can be bound, which those of few channels seldom do.
  const cases = {
    'rows that begin anywhere': layerProblem('layer', 'f32', [60, 512], [1], { scale: true }),
    'many short rows': layerProblem('layer', 'f32', [3000, 7], [1]),
    'halves without a bias': layerProblem('rms', 'f16', [1280, 24], [1], { scale: true }),
    'two axes': layerProblem('layer', 'f32', [90, 5, 40], [1, 2], { scale: true }),
    'groups of channels': groupProblem('f32', [41, 4, 4, 25], { scale: true }),
    'some of the groups at a time': groupProblem('f32', [3, 16, 64, 10], { scale: true }),
    'some of the groups of halves': groupProblem('f16', [2, 32, 128, 6]),
  };
  it.each(Object.entries(cases))('%s', async (name, problem) => {
    expect(kernel.supports(problem, device.capabilities)).toBe(true);
    await checkCase(device, normBackwardOperation, kernel, { name, problem }, {});
  });

  it('is chosen', () => {
    const x = device.empty([60, 512]);
    expect(explain(layerNormBackward, x, x).kernel).toBe('normBackward/slices');
  });
});

describe('normBackward/rowSlices', () => {
  const kernel = normBackwardOperation.kernels.find(({ name }) => name === 'normBackward/rowSlices')!;
  const cases: Readonly<Record<string, NormBackwardProblem>> = {
    'one row in two slices': layerProblem('layer', 'f32', [1, 10_000], [1]),
    'rows in several slices': layerProblem('layer', 'f32', [2, 40_960], [1], { scale: true }),
    'a row that ends anywhere': layerProblem('layer', 'f32', [1, 30_719], [1], { scale: true }),
    'mean squares': layerProblem('rms', 'f32', [3, 20_480], [1], { scale: true }),
    halves: layerProblem('layer', 'f16', [2, 30_720], [1], { scale: true }),
    'mean squares of halves': layerProblem('rms', 'f16', [1, 16_386], [1], { scale: true }),
    'groups of channels': groupProblem('f32', [2, 2, 64, 192], { scale: true }),
    'channels that begin anywhere': groupProblem('f32', [2, 2, 64, 151], { scale: true }),
    'channels longer than can be bound': groupProblem('f32', [2, 2, 3, 10_048], { scale: true }),
    columns: layerProblem('layer', 'f32', [2048, 8], [0], { scale: true }),
    'columns that start anywhere': layerProblem('rms', 'f32', [301, 192], [0], { scale: true }),
    'columns of halves': layerProblem('layer', 'f16', [9000, 7], [0], { scale: true }),
    'columns in the middle': layerProblem('layer', 'f32', [2, 640, 16], [1]),
    'rows that start anywhere': layerProblem('layer', 'f32', [2, 10_001], [1], { scale: true }),
    'halves that start anywhere': layerProblem('layer', 'f16', [3, 16_401], [1], { scale: true }),
    'groups that start anywhere': groupProblem('f32', [2, 3, 5, 2003], { scale: true }),
    'columns of which few elements are bound': layerProblem('layer', 'f32', [100, 131], [0], { scale: true }),
    'many columns, of whose statistics those of a slice are held': layerProblem(
      'layer',
      'f32',
      [60, 601],
      [0],
      { scale: true },
    ),
    'columns in the middle that start anywhere': layerProblem('rms', 'f16', [3, 2641, 15], [1], {
      scale: true,
    }),
    'axes that lie apart': layerProblem('layer', 'f32', [96, 10, 32], [0, 2], { scale: true }),
  };
  it.each(Object.entries(cases))('%s', async (name, problem) => {
    expect(kernel.supports(problem, device.capabilities)).toBe(true);
    for (const distribution of ['normal', 'nearOne'] as const)
      await checkCase(device, normBackwardOperation, kernel, { name, problem, distribution }, {});
    await checkCase(device, normBackwardOperation, kernel, { name, problem }, {}, hardware());
  });

  it('is chosen', () => {
    for (const [shape, axes] of [
      [[2, 10_240], 1],
      [[2048, 8], 0],
    ] as const) {
      const x = device.empty(shape);
      expect(explain(layerNormBackward, x, x, { axes }).kernel).toBe('normBackward/rowSlices');
    }
  });
});
