import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attentionOperation } from '../../src/kernels/attention/index.ts';
import {
  attention,
  attentionWithLogSumExp,
  explain,
  type AttentionOptions,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import type { Shape } from '../../src/tensor.ts';
import { testDevice } from './support/device.ts';

const kernels = attentionOperation.kernels.map(({ name }) => name);

describe('attention()', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await testDevice();
  });

  function random(shape: Shape, seed: number, change: (value: number, index: number) => number = (x) => x) {
    const values = randomElements({ shape, dtype: 'f32' }, seed);
    return device.tensor(values.map(change), shape);
  }

  async function run(inputs: readonly Tensor<'f32'>[], options: AttentionOptions): Promise<Float32Array> {
    const [q, k, v] = inputs as [Tensor<'f32'>, Tensor<'f32'>, Tensor<'f32'>];
    using o = attention(q, k, v, options);
    return o.read();
  }

  it('takes decode for a few queries, flash for many, and the naive kernel for heads that nothing divides', () => {
    const choice = (seqLenQ: number, headDim: number): string => {
      const q = device.empty([1, 4, seqLenQ, headDim]);
      const kv = device.empty([1, 2, 64, headDim]);
      return explain(attention, q, kv, kv).kernel;
    };
    expect(choice(1, 64)).toBe('attention/decode');
    expect(choice(48, 64)).toBe('attention/flash');
    expect(choice(48, 59)).toBe('attention/naive');
  });

  it.each(kernels)('%s gives the same bits from run to run', async (kernel) => {
    const inputs = [random([1, 4, 9, 64], 1), random([1, 2, 333, 64], 2), random([1, 2, 333, 64], 3)];
    const options = { kernel, causal: 'lower-right' } as const;
    const first = await run(inputs, options);
    for (let again = 0; again < 3; again++) expect(await run(inputs, options)).toEqual(first);
  });

  it.each(kernels)('%s lets keys that a query does not see change nothing, not one bit', async (kernel) => {
    const q = random([1, 1, 12, 64], 1);
    const options = { kernel, causal: 'upper-left' } as const;
    const whole = await run([q, random([1, 1, 40, 64], 2), random([1, 1, 40, 64], 3)], options);
    // Query i sees keys 0 to i: everything from key 7 on may be poison to the first 7 queries.
    const poison = (value: number, index: number): number =>
      index < 7 * 64 ? value : index % 2 ? NaN : Infinity;
    const poisoned = await run(
      [q, random([1, 1, 40, 64], 2, poison), random([1, 1, 40, 64], 3, poison)],
      options,
    );
    expect(poisoned.subarray(0, 7 * 64)).toEqual(whole.subarray(0, 7 * 64));
    expect(poisoned.subarray(7 * 64).every(Number.isNaN)).toBe(true);
  });

  it.each(kernels)('%s gives exact zeros to queries that see no key', async (kernel) => {
    const inputs = [random([1, 1, 14, 64], 1), random([1, 1, 3, 64], 2), random([1, 1, 3, 64], 3)];
    const o = await run(inputs, { kernel, causal: 'lower-right' });
    expect(o.subarray(0, 11 * 64)).toEqual(new Float32Array(11 * 64));
    expect(o.subarray(11 * 64).every((value) => value !== 0)).toBe(true);
  });

  it.each(kernels)('%s is not upset by scores beyond what f16 holds', async (kernel) => {
    // Scores of +-64 * 200 * 200 * 0.125 = +-320000: one key takes all.
    const shape = [1, 1, 5, 64];
    const sign = (index: number): number => (Math.floor(index / 64) % 2 === 0 ? 200 : -200);
    const filled = (of: (index: number) => number): Tensor<'f16'> =>
      device.tensor(
        Float32Array.from({ length: 5 * 64 }, (_, index) => of(index)),
        shape,
        'f16',
      );
    const q = filled(() => 200);
    const v = filled((index) => Math.floor(index / 64) * 10);
    using o = attention(q, filled(sign), v, { kernel });
    // Keys 0, 2 and 4 share the weight.
    expect(await o.read()).toEqual(new Float32Array(5 * 64).fill(20));
    using first = attention(
      q,
      filled((index) => (index < 64 ? 200 : -200)),
      v,
      { kernel },
    );
    expect(await first.read()).toEqual(new Float32Array(5 * 64));
  });

  it.each(kernels)('%s lets nothing through a mask, not even NaN, whichever kind it is', async (kernel) => {
    const q = random([1, 2, 12, 64], 1);
    const shape = [1, 2, 40, 64] as const;
    const poison = (value: number, index: number): number =>
      Math.floor(index / 64) % 40 === 5 ? NaN : Math.floor(index / 64) % 40 === 6 ? Infinity : value;
    const boolean = device.tensor(
      Array.from({ length: 40 }, (_, key) => (key === 5 || key === 6 ? 0 : 1)),
      [40],
      'u32',
    );
    const additive = device.tensor(
      Array.from({ length: 40 }, (_, key) => (key === 5 ? -Infinity : key === 6 ? -3.4e38 : 0)),
      [1, 40],
    );
    const clean = await run([q, random(shape, 2), random(shape, 3)], { kernel, mask: boolean });
    const poisoned = [q, random(shape, 2, poison), random(shape, 3, poison)];
    expect(await run(poisoned, { kernel, mask: boolean })).toEqual(clean);
    expect(await run(poisoned, { kernel, mask: additive })).toEqual(clean);
  });

  it.each(kernels)('%s packs sequences to the same result as one at a time', async (kernel) => {
    const rows = [4, 9, 1];
    const offsetsQ = [0, 4, 13, 14];
    const [q, k, v] = [1, 2, 3].map((seed) => random([14, 2, 16], seed)) as [
      Tensor<'f32'>,
      Tensor<'f32'>,
      Tensor<'f32'>,
    ];
    const whole = await attention(q, k, v, { kernel, causal: true, offsetsQ }).read();
    for (const [b, count] of rows.entries()) {
      const part = async (tensor: Tensor<'f32'>): Promise<Tensor<'f32'>> =>
        device.tensor((await tensor.read()).subarray(offsetsQ[b]! * 32, offsetsQ[b + 1]! * 32), [
          1,
          count,
          2,
          16,
        ]);
      const alone = await run([await part(q), await part(k), await part(v)], {
        kernel,
        causal: true,
        layout: 'bshd',
      });
      for (const [index, value] of alone.entries())
        expect(whole[offsetsQ[b]! * 32 + index]).toBeCloseTo(value, 5);
    }
  });

  it('never reads behind a tensor, whatever the lengths on the GPU say', async () => {
    const [q, k, v] = [random([2, 1, 3, 16], 1), random([2, 1, 20, 16], 2), random([2, 1, 20, 16], 3)];
    const wild = device.tensor([2 ** 32 - 1, 7], [2], 'u32');
    const o = await attention(q, k, v, { lengths: wild, causal: 'lower-right' }).read();
    expect(o).toEqual(await attention(q, k, v, { lengths: [20, 7], causal: 'lower-right' }).read());
  });

  it('gives logSumExp by which attention to two sets of keys can be merged', async () => {
    const [q, k, v] = [random([1, 2, 5, 16], 1), random([1, 2, 60, 16], 2), random([1, 2, 60, 16], 3)];
    const boolean = (seen: (key: number) => boolean) =>
      device.tensor(
        Array.from({ length: 60 }, (_, key) => Number(seen(key))),
        [60],
        'u32',
      );
    const early = attentionWithLogSumExp(q, k, v, { mask: boolean((key) => key < 23) });
    const late = attentionWithLogSumExp(q, k, v, { mask: boolean((key) => key >= 23) });
    const [a, lseA, b, lseB] = await Promise.all(
      [early.output, early.logSumExp, late.output, late.logSumExp].map((tensor) => tensor.read()),
    );
    const whole = await run([q, k, v], {});
    for (const [index, value] of whole.entries()) {
      const row = Math.floor(index / 16);
      const share = 1 / (1 + Math.exp(lseB![row]! - lseA![row]!));
      expect(share * a![index]! + (1 - share) * b![index]!).toBeCloseTo(value, 5);
    }
  });

  it('takes true for a causal mask where there are as many keys as queries', async () => {
    const inputs = [random([2, 2, 20, 16], 1), random([2, 2, 20, 16], 2), random([2, 2, 20, 16], 3)];
    const o = await run(inputs, { causal: true });
    expect(await run(inputs, { causal: 'upper-left' })).toEqual(o);
    expect(await run(inputs, { causal: 'lower-right' })).toEqual(o);
    expect(o.subarray(0, 16)).toEqual((await inputs[2]!.read()).subarray(0, 16));
  });
});
