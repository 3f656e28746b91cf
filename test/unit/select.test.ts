import { describe, expect, it } from 'vitest';
import { ArgumentError, UnsupportedError } from '../../src/errors.ts';
import { defineKernel, type Operation } from '../../src/kernels/define.ts';
import { select } from '../../src/ops/select.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { gpuKey, kernelChecksum, type TuningRecord } from '../../src/tuning/records.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

const caps = lavapipe as unknown as Capabilities;
interface Problem {
  readonly n: number;
}

const kernel = (name: string, minimum: number, text = name) =>
  defineKernel<Problem, { tile: number }>({
    name,
    parts: [{ path: `${name}.wgsl`, code: text }],
    space: { tile: [8, 16, 32] },
    supports: ({ n }) => n >= minimum || `n = ${n} is below ${minimum}`,
    legal: ({ tile }, { n }) => tile <= n,
    heuristic: () => ({ tile: 8 }),
    plan: () => ({ passes: [], scratchBytes: [] }),
  });
const fast = kernel('op/fast', 64);
const plain = kernel('op/plain', 8);
const operation = {
  name: 'op',
  kernels: [fast, plain],
  inputs: () => [],
  outputs: () => [],
  dtype: () => 'f32',
  shapeClass: ({ n }: Problem) => (n < 100 ? 'small' : 'large'),
} as unknown as Operation<Problem>;

const record = (change: Partial<TuningRecord> = {}): TuningRecord => ({
  op: 'op',
  dtype: 'f32',
  shapeClass: 'large',
  gpu: gpuKey(caps.adapter),
  kernel: 'op/plain',
  checksum: kernelChecksum(plain),
  config: { tile: 16 },
  ...change,
});

describe('select', () => {
  it('takes the first kernel that supports the problem, and says why others were passed over', () => {
    expect(select(operation, { n: 64 }, caps)).toMatchObject({
      kernel: fast,
      config: { tile: 8 },
      passedOver: [],
    });
    expect(select(operation, { n: 32 }, caps)).toMatchObject({
      kernel: plain,
      passedOver: [{ kernel: 'op/fast', why: 'n = 32 is below 64' }],
    });
    expect(() => select(operation, { n: 1 }, caps)).toThrow(UnsupportedError);
  });

  it('prefers a tuned record of this GPU, type and class of shapes', () => {
    const chosen = select(operation, { n: 128 }, caps, {}, [record()]);
    expect(chosen).toMatchObject({ kernel: plain, config: { tile: 16 } });
    expect(chosen.reason).toContain('tuned on');
  });

  it.each([
    ['another GPU', record({ gpu: 'nvidia/nvidia-h200' })],
    ['another data type', record({ dtype: 'f16' })],
    ['another class', record({ shapeClass: 'small' })],
    [
      'a kernel whose text has changed',
      record({ checksum: kernelChecksum(kernel('op/plain', 8, 'edited')) }),
    ],
    ['a kernel that is gone', record({ kernel: 'op/removed' })],
    ['a config that is not legal here', record({ config: { tile: 1024 } })],
  ])('ignores a record of %s', (_, stale) => {
    expect(select(operation, { n: 128 }, caps, {}, [stale]).kernel).toBe(fast);
  });

  it('obeys the caller before everything else, and completes the config', () => {
    const chosen = select(operation, { n: 128 }, caps, { kernel: 'op/plain', config: { tile: 32 } }, [
      record(),
    ]);
    expect(chosen).toMatchObject({ kernel: plain, config: { tile: 32 }, reason: 'asked for by the caller' });
  });

  it('refuses what the caller asked for if it cannot be done', () => {
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/none' })).toThrow(
      /has no kernel "op\/none"; it has op\/fast, op\/plain/,
    );
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/fast' })).toThrow(/n = 8 is below 64/);
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/plain', config: { tile: 16 } })).toThrow(
      UnsupportedError,
    );
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/plain', config: { tiles: 8 } })).toThrow(
      /no tuning parameter "tiles"/,
    );
    expect(() => select(operation, { n: 8 }, caps, { config: { tile: 8 } })).toThrow(ArgumentError);
  });
});
