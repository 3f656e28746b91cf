import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attentionBackwardOperation } from '../../src/kernels/attentionBackward/index.ts';
import {
  attentionBackward,
  openDevice,
  type AttentionBackwardOptions,
  type Device,
  type Tensor,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const matrices = 'attentionBackward/matrices';
/** Slices are made of the others' passes, where a binding is too small for the whole: slicedAttention.test.ts has them. */
const kernels = attentionBackwardOperation.kernels.filter(({ name }) => name !== 'attentionBackward/slices');
const HEAD = 16;
const QUERIES = 20;
const KEYS = 40;

type Change = (value: number, row: number, column: number) => number;
type Changes = Partial<Record<'q' | 'k' | 'v' | 'dO', Change>>;

describe('attentionBackward() in half precision', () => {
  let device: Device;
  let cpu: Device;
  beforeAll(async () => {
    device = await testDevice();
    cpu = await openDevice({ backend: 'cpu' });
  });

  function operand(
    on: Device,
    length: number,
    seed: number,
    change: Change = (value) => value,
  ): Tensor<'f16'> {
    const shape = [1, 1, length, HEAD];
    const values = randomElements({ shape, dtype: 'f16' }, seed);
    return on.tensor(
      values.map((value, index) => change(value, Math.floor(index / HEAD), index % HEAD)),
      shape,
      'f16',
    );
  }

  async function gradients(
    on: Device,
    changes: Changes,
    options: AttentionBackwardOptions<'f16'>,
  ): Promise<readonly Float32Array[]> {
    const { dq, dk, dv } = attentionBackward(
      operand(on, QUERIES, 1, changes.q),
      operand(on, KEYS, 2, changes.k),
      operand(on, KEYS, 3, changes.v),
      operand(on, QUERIES, 4, changes.dO),
      options,
    );
    return Promise.all([dq.read(), dk.read(), dv.read()]);
  }

  it('keeps all digits of a dS that halves could not hold, on tensor cores', async () => {
    // Multiples by powers of two, exact in every step as long as nothing overflows or becomes subnormal.
    const round: Change = (value) =>
      Math.sign(value) * Math.min(4, Math.max(0.25, Math.round(Math.abs(value) * 4) / 4));
    const scaled = async (power: number, back: number): Promise<Float32Array> => {
      const changes: Changes = {
        q: (...at) => round(...at) / back,
        k: (...at) => round(...at) * back,
        v: (...at) => round(...at) * power,
        dO: (...at) => round(...at) * power,
      };
      const [dq] = await gradients(device, changes, { kernel: matrices });
      return dq!;
    };
    const dq = await scaled(1, 1);
    // dS is 2^-12 of what it was, and then 2^16 times.
    expect(await scaled(2 ** -6, 2 ** 12)).toEqual(dq);
    const large = await scaled(2 ** 8, 2 ** -12);
    expect(large.map((value) => value / 2 ** 4)).toEqual(dq);
  });

  it('lets sums shrink when a later dS is larger than all before, on tensor cores', async () => {
    // Causal: the last queries alone see the last keys, whose values are large.
    const growing: Changes = { v: (value, row) => value * (row >= 32 ? 2 ** 12 : 2 ** -6) };
    const options = { causal: 'lower-right' } as const;
    const expected = await gradients(cpu, growing, options);
    const got = await gradients(device, growing, { ...options, kernel: matrices });
    for (const [index, want] of expected.entries()) {
      const largest = want.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const off = want.reduce((most, value, i) => Math.max(most, Math.abs(value - got[index]![i]!)), 0);
      expect(off / largest).toBeLessThan(2 ** -9);
    }
  });

  it.each(kernels)(
    '$name lets nothing through that is hidden, and all that is seen, where it is not finite',
    async ({ name: kernel }) => {
      const spoil =
        (row: number, column: number, by: number): Change =>
        (value, atRow, atColumn) =>
          atRow === row && atColumn === column ? by : value;
      // Key 39 is seen by the last query alone.
      const options = { causal: 'lower-right' } as const;
      const spoilt: Changes[] = [
        { k: spoil(39, 3, NaN) },
        { v: spoil(39, 5, Infinity) },
        { q: spoil(2, 1, NaN) },
        { dO: spoil(2, 7, Infinity) },
        { dO: spoil(19, 0, NaN) },
      ];
      for (const changes of spoilt) {
        const expected = await gradients(cpu, changes, options);
        const got = await gradients(device, changes, { ...options, kernel });
        for (const [index, want] of expected.entries()) {
          const finite = (values: Float32Array): boolean[] => Array.from(values, Number.isFinite);
          expect(finite(got[index]!)).toEqual(finite(want));
        }
      }
    },
  );
});
