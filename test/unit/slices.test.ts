import { describe, expect, it } from 'vitest';
import {
  argsort,
  cast,
  compact,
  contiguous,
  cumsum,
  groupNorm,
  layerNorm,
  matmul,
  nonzero,
  segmentScan,
  softmax,
  sort,
  sum,
  topK,
  UnsupportedError,
  type Tensor,
} from '../../src/index.ts';
import { planKernels, type PlanningDevice } from '../../src/kernelPlans.ts';
import { softmaxOperation } from '../../src/kernels/checked.ts';
import { longestChain } from '../../src/kernels/rounding.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import type { Pass } from '../../src/runtime/plan.ts';
import '../support/loaded.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

/** A data-centre GPU's buffers, of which a shader binds 2 GiB at most. */
const LIMIT = 2 ** 31 - 4;
const caps = {
  ...(lavapipe as unknown as Capabilities),
  software: false,
  limits: { ...lavapipe.limits, maxBufferSize: 2 ** 40, maxStorageBufferBindingSize: LIMIT },
} as Capabilities;

/** Checks that every pass binds what it may, and that those that read the input read all of it, each part once. */
async function expectCovered(shape: readonly number[], run: (x: Tensor<'f32'>) => Tensor): Promise<void> {
  const plan = await planKernels(caps, (device: PlanningDevice) => run(device.input(shape)));
  const parts = new Map<number, number>();
  for (const { bindings } of plan.passes) {
    for (const { buffer, window } of bindings) {
      const { sizeBytes } = plan.buffers[buffer]!;
      const { byteOffset, sizeBytes: bound } = window ?? { byteOffset: 0, sizeBytes };
      expect(bound).toBeLessThanOrEqual(LIMIT);
      expect(byteOffset % caps.limits.minStorageBufferOffsetAlignment).toBe(0);
      expect(byteOffset + bound).toBeLessThanOrEqual(Math.ceil(sizeBytes / 4) * 4);
      if (buffer === plan.inputs[0]!.buffer) parts.set(byteOffset, bound);
    }
  }
  let end = 0;
  for (const [byteOffset, bound] of [...parts].toSorted(([a], [b]) => a - b)) {
    expect(byteOffset).toBe(end);
    end += bound;
  }
  expect(end).toBe(4 * shape.reduce((count, size) => count * size, 1));
  expect(parts.size).toBeGreaterThan(1);
}

describe('a tensor of more than can be bound', () => {
  it.each([
    ['is summed to one number', [1_500_000_000], (x: Tensor<'f32'>): Tensor => sum(x)],
    ['is summed by rows', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => sum(x, { axes: 1 })],
    ['is summed by columns', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => sum(x, { axes: 0 })],
    ['is summed by long rows', [3, 1_000_000_000], (x: Tensor<'f32'>): Tensor => sum(x, { axes: 1 })],
    ['is normalised', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => layerNorm(x)],
    ['by columns', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => layerNorm(x, { axes: 0 })],
    ['by groups', [1, 512, 3_000_000], (x: Tensor<'f32'>): Tensor => groupNorm(x, { groups: 512 })],
    ['becomes shares', [200, 3_000_001], (x: Tensor<'f32'>): Tensor => softmax(x)],
    [
      'is multiplied',
      [2_000_000, 500],
      (x: Tensor<'f32'>): Tensor => matmul(x, x.device.tensor(new Float32Array(1000), [500, 2])),
    ],
    ['becomes shares of one sum', [1_500_000_001], (x: Tensor<'f32'>): Tensor => softmax(x)],
    ['is summed up', [1_500_000_000], (x: Tensor<'f32'>): Tensor => cumsum(x)],
    [
      'is summed up exactly, from its end',
      [1_500_000_000],
      (x: Tensor<'f32'>): Tensor => cumsum(x, { reverse: true, reproducible: true }),
    ],
    ['is summed up by columns', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => cumsum(x, { axis: 0 })],
    [
      'is summed up by segments',
      [1_500_000_000],
      (x: Tensor<'f32'>): Tensor => segmentScan(x, [0, 5, 1_400_000_000, 1_500_000_000]),
    ],
    ['is converted', [1_500_000_001], (x: Tensor<'f32'>): Tensor => cast(x, 'f16')],
    [
      'is copied with its axes in another order',
      [3_000_001, 500],
      (x: Tensor<'f32'>): Tensor => contiguous(x.transpose()),
    ],
    ['is searched for what is not 0', [1_500_000_001], (x: Tensor<'f32'>): Tensor => nonzero(x).indices],
    ['is compacted', [1_500_000_001], (x: Tensor<'f32'>): Tensor => compact(x, x).values],
    ['is selected from', [1_000_003, 1000], (x: Tensor<'f32'>): Tensor => topK(x, 3).indices],
    ['is selected from as one row', [1_500_000_000], (x: Tensor<'f32'>): Tensor => topK(x, 3).indices],
    ['is sorted', [1_500_000_001], (x: Tensor<'f32'>): Tensor => sort(x).values],
    ['is sorted by long rows', [3, 600_000_000], (x: Tensor<'f32'>): Tensor => argsort(x)],
    ['is sorted by columns', [3_000_001, 500], (x: Tensor<'f32'>): Tensor => argsort(x, { axis: 0 })],
  ])('%s', async (_, shape, run) => {
    await expectCovered(shape, run);
  });
});

describe('what has more elements than 32 bits count', () => {
  it.each([
    ['compaction', (x: Tensor<'f16'>): Tensor => compact(x, x).values],
    ['positions', (x: Tensor<'f16'>): Tensor => nonzero(x).indices],
    ['a sort', (x: Tensor<'f16'>): Tensor => sort(x).values],
    ['the largest', (x: Tensor<'f16'>): Tensor => topK(x, 3).indices],
    ['a conversion', (x: Tensor<'f16'>): Tensor => cast(x, 'f32')],
    ['a transpose', (x: Tensor<'f16'>): Tensor => contiguous(x.reshape([2, x.size / 2]).transpose())],
    ['its end', (x: Tensor<'f16'>): Tensor => contiguous(x.reshape([64, x.size / 64]).slice(0, 62, 64))],
    ['a norm', (x: Tensor<'f16'>): Tensor => layerNorm(x.reshape([1, x.size]))],
  ])('is refused: %s', async (_, run) => {
    const plan = planKernels(caps, (device: PlanningDevice) => run(device.input([2 ** 32 + 64], 'f16')));
    await expect(plan).rejects.toThrow(UnsupportedError);
    await expect(plan).rejects.toThrow('shaders count elements in 32 bits');
  });

  it.each([
    ['shares of columns', (x: Tensor<'f16'>): Tensor => softmax(x, { axis: 0 })],
    ['sorted columns', (x: Tensor<'f16'>): Tensor => argsort(x, { axis: 0 })],
    ['its beginning', (x: Tensor<'f16'>): Tensor => contiguous(x.slice(1, 5, 9).slice(0, 7, 2 ** 25))],
  ])('is not where nothing counts them all: %s', async (_, run) => {
    const plan = await planKernels(caps, (device: PlanningDevice) =>
      run(device.input([2 ** 26 + 1, 64], 'f16')),
    );
    expect(plan.passes.length).toBeGreaterThan(1);
  });
});

it.each([
  { length: 2_000_000, inner: 4096 },
  { length: 40_000_000, inner: 64 },
  { length: 300_000, inner: 16_384 },
])(
  'softmax of $inner columns of $length combines no more, one after the other, than its bound has',
  (shape) => {
    const problem = { dtype: 'f32', log: false, outer: 1, ...shape } as const;
    const kernel = softmaxOperation.kernels.find(({ name }) => name === 'softmax/slices')!;
    const [{ params }] = kernel.plan(problem, {}, caps).passes as [Pass];
    const valueOf = (name: string): number => params[name]!.value as number;
    // Fours of a block of 64, blocks of a part, and parts, as in the shaders.
    const chain = 64 / 4 + Math.ceil(valueOf('partLength') / 64) + valueOf('allParts');
    expect(chain).toBeLessThanOrEqual(longestChain(shape.length));
  },
);
