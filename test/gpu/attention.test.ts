import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attentionBackwardOperation, attentionOperation } from '../../src/kernels/checked.ts';
import { attentionProblem } from '../../src/kernels/attention/cases.ts';
import { rowErrorBound } from '../../src/kernels/attention/oracle.ts';
import {
  attention,
  attentionBackward,
  attentionWithLogSumExp,
  explain,
  type AttentionOptions,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { attend, namedOperands, queryRows } from '../../src/reference/attentionReference.ts';
import type { Shape } from '../../src/tensor.ts';
import { testDevice } from './support/device.ts';

/** Slices are made of the others' passes, where a binding is too small for the whole: slicedAttention.test.ts has them. */
const kernels = attentionOperation.kernels
  .map(({ name }) => name)
  .filter((name) => name !== 'attention/slices');

/** The type that a kernel is tested with here: tensor cores know half precision only. */
const dtypeFor = (kernel: string): 'f32' | 'f16' => (/matri/i.test(kernel) ? 'f16' : 'f32');

describe('attention()', () => {
  let device: GpuDevice;
  beforeAll(async () => {
    device = await testDevice();
  });

  function random(
    shape: Shape,
    seed: number,
    {
      kernel = '',
      change = (x) => x,
    }: { kernel?: string; change?: (value: number, index: number) => number } = {},
  ): Tensor<'f32'> {
    const dtype = dtypeFor(kernel);
    // Of either type; the options' types do not depend on which.
    return device.tensor(randomElements({ shape, dtype }, seed).map(change), shape, dtype) as Tensor<'f32'>;
  }

  const operands = (kernel: string, ...shapes: Shape[]) =>
    shapes.map((shape, index) => random(shape, 1 + index, { kernel }));

  async function run(inputs: readonly Tensor<'f32'>[], options: AttentionOptions): Promise<Float32Array> {
    const [q, k, v] = inputs as [Tensor<'f32'>, Tensor<'f32'>, Tensor<'f32'>];
    using o = attention(q, k, v, options);
    return o.read();
  }

  it('flashMatrix rescales its sums where scores keep growing by more than weights in half precision allow', async () => {
    // Keys are multiples of the query, each tile's greater than the last's: scores of 0 to 100 times log2(e).
    const keys = 160;
    const tensor = (length: number, of: (row: number, column: number) => number) =>
      device.tensor(
        Float32Array.from({ length: length * 32 }, (_, index) => of(Math.floor(index / 32), index % 32)),
        [1, 1, length, 32],
        'f16',
      );
    const q = tensor(20, (_, column) => (column === 0 ? 1 : 0));
    const k = tensor(keys, (row, column) => (column === 0 ? (100 * row) / keys : 0));
    const v = tensor(keys, (row, column) => row / 8 + column / 32);
    const options = { scale: 1 } as const;
    const expected = await attention(q, k, v, { ...options, kernel: 'attention/naive' }).read();
    const got = await attention(q, k, v, { ...options, kernel: 'attention/flashMatrix' }).read();
    for (const [index, value] of got.entries())
      expect(Math.abs(value - expected[index]!)).toBeLessThan(20 * 2 ** -10);
  });

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
    const inputs = operands(kernel, [1, 4, 9, 64], [1, 2, 333, 64], [1, 2, 333, 64]);
    const options = { kernel, causal: 'lower-right' } as const;
    const first = await run(inputs, options);
    for (let again = 0; again < 3; again++) expect(await run(inputs, options)).toEqual(first);
  });

  it.each(kernels)('%s lets keys that a query does not see change nothing, not one bit', async (kernel) => {
    const [q, k, v] = operands(kernel, [1, 1, 12, 64], [1, 1, 40, 64], [1, 1, 40, 64]);
    const options = { kernel, causal: 'upper-left' } as const;
    const whole = await run([q!, k!, v!], options);
    // Query i sees keys 0 to i: everything from key 7 on may be poison to the first 7 queries.
    const change = (value: number, index: number): number =>
      index < 7 * 64 ? value : index % 2 ? NaN : Infinity;
    const poisoned = await run(
      [q!, random([1, 1, 40, 64], 2, { kernel, change }), random([1, 1, 40, 64], 3, { kernel, change })],
      options,
    );
    expect(poisoned.subarray(0, 7 * 64)).toEqual(whole.subarray(0, 7 * 64));
    expect(poisoned.subarray(7 * 64).every(Number.isNaN)).toBe(true);
  });

  it.each(kernels)('%s gives exact zeros to queries that see no key', async (kernel) => {
    const inputs = operands(kernel, [1, 1, 14, 64], [1, 1, 3, 64], [1, 1, 3, 64]);
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
    const shape = [1, 2, 40, 64];
    const [q, k, v] = operands(kernel, [1, 2, 12, 64], shape, shape);
    const change = (value: number, index: number): number =>
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
    const clean = await run([q!, k!, v!], { kernel, mask: boolean });
    const poisoned = [q!, random(shape, 2, { kernel, change }), random(shape, 3, { kernel, change })];
    expect(await run(poisoned, { kernel, mask: boolean })).toEqual(clean);
    expect(await run(poisoned, { kernel, mask: additive })).toEqual(clean);
  });

  it.each(kernels)('%s packs sequences to the same result as one at a time', async (kernel) => {
    const rows = [4, 9, 1];
    const offsetsQ = [0, 4, 13, 14];
    const [q, k, v] = operands(kernel, [14, 2, 16], [14, 2, 16], [14, 2, 16]) as [
      Tensor<'f32'>,
      Tensor<'f32'>,
      Tensor<'f32'>,
    ];
    const whole = await attention(q, k, v, { kernel, causal: true, offsetsQ }).read();
    for (const [b, count] of rows.entries()) {
      const part = async (tensor: Tensor<'f32'>): Promise<Tensor<'f32'>> => {
        const values = (await tensor.read()).subarray(offsetsQ[b]! * 32, offsetsQ[b + 1]! * 32);
        return device.tensor(values, [1, count, 2, 16], tensor.dtype);
      };
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

  it('decodes against 128k keys', async () => {
    const problem = attentionProblem(1, 131_072, 32, { heads: 2 });
    const shapes = [problem.seqLenQ, problem.seqLenKv, problem.seqLenKv].map((length, index) => [
      1,
      index === 0 ? 2 : 1,
      length,
      32,
    ]);
    const inputs = shapes.map((shape, index) => randomElements({ shape, dtype: 'f32' }, 1 + index));
    const [q, k, v] = inputs.map((values, index) => device.tensor(values, shapes[index]!));
    expect(explain(attention, q!, k!, v!).scratchBytes).toBeLessThan(64 * 1024);
    const got = await run([q!, k!, v!], {});
    const operands = namedOperands(problem, inputs);
    for (const row of queryRows(problem, operands)) {
      const { o } = attend(problem, operands, row);
      const bound = rowErrorBound(problem, operands, row, o);
      expect(compare(got.subarray(row.o, row.o + 32), o, bound.o, 'f32')).toMatchObject({ passed: true });
    }
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

  // The slices are for what is larger than a binding: slicedAttention.test.ts.
  it.each(attentionBackwardOperation.kernels.filter(({ name }) => name !== 'attentionBackward/slices'))(
    '$name gives the same bits from run to run',
    async ({ name: kernel }) => {
      const [q, k, v, gradient] = operands(
        kernel,
        [1, 4, 40, 16],
        [1, 2, 70, 16],
        [1, 2, 70, 16],
        [1, 4, 40, 16],
      );
      const gradients = async () => {
        const { dq, dk, dv } = attentionBackward(q!, k!, v!, gradient!, { kernel, causal: 'lower-right' });
        return Promise.all([dq, dk, dv].map((tensor) => tensor.read()));
      };
      const first = await gradients();
      expect(first.flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
      for (let again = 0; again < 3; again++) expect(await gradients()).toEqual(first);
    },
  );

  it('takes true for a causal mask where there are as many keys as queries', async () => {
    const inputs = [random([2, 2, 20, 16], 1), random([2, 2, 20, 16], 2), random([2, 2, 20, 16], 3)];
    const o = await run(inputs, { causal: true });
    expect(await run(inputs, { causal: 'upper-left' })).toEqual(o);
    expect(await run(inputs, { causal: 'lower-right' })).toEqual(o);
    expect(o.subarray(0, 16)).toEqual((await inputs[2]!.read()).subarray(0, 16));
  });
});
