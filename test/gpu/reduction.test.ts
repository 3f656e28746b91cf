import { beforeAll, describe, expect, it } from 'vitest';
import {
  all,
  any,
  argmax,
  argmin,
  explain,
  l1Norm,
  l2Norm,
  logSoftmax,
  logSum,
  logSumExp,
  max,
  mean,
  min,
  moments,
  openDevice,
  prod,
  reduce,
  softmax,
  std,
  sum,
  sumSquare,
  variance,
  type Device,
  type ReductionOperator,
  type ReductionOptions,
  type Tensor,
} from '../../src/node.ts';
import { softmaxOperation } from '../../src/kernels/checked.ts';
import { checkCase } from './support/checkCase.ts';
import { testDevice } from './support/device.ts';

const SHAPE = [2, 3, 4];
const COUNTING = Array.from({ length: 24 }, (_, i) => i);

describe.each(['webgpu', 'cpu'] as const)('reductions on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  const counting = (): Tensor<'f32'> => device.tensor(COUNTING, SHAPE);
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

  it('reduces all axes by default, to a scalar', async () => {
    const total = sum(counting());
    expect(total.shape).toEqual([]);
    expect(await read(total)).toEqual([276]);
    expect(await read(mean(counting()))).toEqual([11.5]);
  });

  it('takes one axis, several in any order, or none; from the front or from the end', async () => {
    const rows = sum(counting(), { axes: -1 });
    expect(rows.shape).toEqual([2, 3]);
    expect(await read(rows)).toEqual([6, 22, 38, 54, 70, 86]);
    const middle = max(counting(), { axes: [1] });
    expect(middle.shape).toEqual([2, 4]);
    expect(await read(middle)).toEqual([8, 9, 10, 11, 20, 21, 22, 23]);
    const outerAndInner = sum(counting(), { axes: [-1, 0] });
    expect(await read(outerAndInner)).toEqual([60, 92, 124]);
    const none = min(counting(), { axes: [] });
    expect(none.shape).toEqual(SHAPE);
    expect(await read(none)).toEqual(COUNTING);
  });

  it('keeps reduced axes with size 1 on request', () => {
    expect(mean(counting(), { axes: [0, 2], keepDims: true }).shape).toEqual([1, 3, 1]);
    expect(argmax(counting(), { keepDims: true }).shape).toEqual([1, 1, 1]);
  });

  it('gives positions as u32: along an axis, through several, or in the whole tensor', async () => {
    const x = device.tensor([3, 9, 1, 9, 0, 0], [2, 3]);
    const along = argmax(x, { axes: 1 });
    expect(along.dtype).toBe('u32');
    expect(await read(along)).toEqual([1, 0]);
    expect(await read(argmin(x))).toEqual([4]);
    expect(await read(argmax(counting(), { axes: [0, 2] }))).toEqual([7, 7, 7]);
  });

  it('lets NaN through maxima, minima and positions, and the first of equals win', async () => {
    const x = device.tensor([1, NaN, Infinity, NaN, 2, 2, 1, 1, -0, 0, -0, 0], [3, 4]);
    expect(await read(max(x, { axes: 1 }))).toEqual([NaN, 2, 0]);
    expect(await read(min(x, { axes: 1 }))).toEqual([NaN, 1, -0]);
    expect(await read(argmax(x, { axes: 1 }))).toEqual([1, 0, 0]);
    expect(await read(argmin(x, { axes: 1 }))).toEqual([1, 2, 0]);
  });

  it('wraps integer sums around, and takes the extremes of the whole range', async () => {
    const signed = device.tensor([2_147_483_647, 1, -2_147_483_648, 5], [4], 'i32');
    expect(await read(sum(signed, { axes: 0 }))).toEqual([5]);
    expect(await read(sum(device.tensor([2_147_483_647, 1], [2], 'i32')))).toEqual([-2_147_483_648]);
    expect(await read(max(signed))).toEqual([2_147_483_647]);
    expect(await read(argmin(signed))).toEqual([2]);
    const unsigned = device.tensor([4_294_967_295, 0, 7], [3], 'u32');
    expect(await read(sum(unsigned))).toEqual([6]);
    expect(await read(max(unsigned))).toEqual([4_294_967_295]);
    expect(await read(argmin(unsigned))).toEqual([1]);
  });

  it('sums half precision in f32', async () => {
    // In f16 the sum would stop at 2048, where adding 1 no longer changes it, and the mean would overflow before dividing.
    const ones = device.tensor(
      Array.from({ length: 8192 }, () => 1),
      [8192],
      'f16',
    );
    expect(await read(sum(ones))).toEqual([8192]);
    const large = device.tensor(
      Array.from({ length: 100 }, () => 60_000),
      [100],
      'f16',
    );
    expect(await read(mean(large))).toEqual([60_000]);
  });

  it('multiplies, and adds squares and absolute values', async () => {
    const x = device.tensor([3, -4, 2, 0.5], [2, 2]);
    expect(await read(prod(x, { axes: 1 }))).toEqual([-12, 1]);
    expect(await read(sumSquare(x, { axes: 1 }))).toEqual([25, 4.25]);
    expect(await read(l1Norm(x, { axes: 1 }))).toEqual([7, 2.5]);
    expect(await read(l2Norm(x, { axes: 1 }))).toEqual([5, expect.closeTo(Math.sqrt(4.25), 6)]);
    const integers = device.tensor([65_536, 65_536, -7, 3], [2, 2], 'i32');
    expect(await read(prod(integers, { axes: 1 }))).toEqual([0, -21]);
    expect(await read(sumSquare(integers, { axes: 1 }))).toEqual([0, 58]);
    expect(await read(l1Norm(integers, { axes: 0 }))).toEqual([65_543, 65_539]);
  });

  it('tells whether any or all elements differ from zero', async () => {
    const x = device.tensor([0, -0, 0, NaN, 1, -2, 3, 0], [4, 2]);
    const found = any(x, { axes: 1 });
    expect(found.dtype).toBe('u32');
    expect(await read(found)).toEqual([0, 1, 1, 1]);
    expect(await read(all(x, { axes: 1 }))).toEqual([0, 0, 1, 0]);
    expect(await read(all(device.tensor([1, -2_147_483_648], [2], 'i32')))).toEqual([1]);
  });

  it('takes the logarithm of a sum of exponentials that would overflow', async () => {
    const x = device.tensor([1000, 1000, -1000, -1000, Infinity, 1, -Infinity, -Infinity, NaN, 1], [5, 2]);
    const [large, small, ...others] = await read(logSumExp(x, { axes: 1 }));
    expect(large).toBeCloseTo(1000 + Math.log(2), 3);
    expect(small).toBeCloseTo(-1000 + Math.log(2), 3);
    expect(others).toEqual([Infinity, -Infinity, NaN]);
    const logs = await read(logSum(device.tensor([1, 1, 1, -1, 1, -2], [3, 2]), { axes: 1 }));
    expect(logs).toEqual([expect.closeTo(Math.log(2), 6), -Infinity, NaN]);
  });

  it('takes variances that an offset does not disturb', async () => {
    const small = Float64Array.from({ length: 1001 }, (_, i) => Math.sin(i));
    const [want] = await read(variance(device.tensor(small, [1001])));
    const [got] = await read(
      variance(
        device.tensor(
          small.map((value) => value + 4096),
          [1001],
        ),
      ),
    );
    // The numbers themselves are rounded to 2^-11 there.
    expect(Math.abs(got! - want!)).toBeLessThan(2 ** -11);
    const equal = device.tensor(new Float32Array(1001).fill(0.1), [1001]);
    expect(await read(variance(equal))).toEqual([0]);
  });

  it('gives means and variances together, corrected on request', async () => {
    const x = device.tensor([1, 3, 5, 7, 2, 2, 2, 2], [2, 4]);
    const both = moments(x, { axes: 1, keepDims: true });
    expect(both.mean.shape).toEqual([2, 1]);
    expect(await read(both.mean)).toEqual([4, 2]);
    expect(await read(both.variance)).toEqual([5, 0]);
    expect(await read(variance(x, { axes: 1, correction: 1 }))).toEqual([expect.closeTo(20 / 3, 5), 0]);
    expect(await read(std(x, { axes: [1], correction: 3 }))).toEqual([expect.closeTo(Math.sqrt(20), 5), 0]);
    expect(await read(variance(x, { axes: [], correction: 1 }))).toEqual(
      Array.from({ length: 8 }, () => NaN),
    );
    const infinite = moments(device.tensor([1, Infinity, 2, Infinity, -Infinity, 3], [2, 3]), { axes: 1 });
    expect(await read(infinite.mean)).toEqual([Infinity, NaN]);
    expect(await read(infinite.variance)).toEqual([NaN, NaN]);
  });

  it('makes the identity of nothing, and NaN of its mean and variance', async () => {
    const empty = device.empty([0, 2]);
    expect(await read(sum(empty, { axes: 0 }))).toEqual([0, 0]);
    expect(await read(mean(empty, { axes: 0 }))).toEqual([NaN, NaN]);
    expect(await read(prod(empty, { axes: 0 }))).toEqual([1, 1]);
    expect(await read(any(empty, { axes: 0 }))).toEqual([0, 0]);
    expect(await read(all(empty, { axes: 0 }))).toEqual([1, 1]);
    expect(await read(logSumExp(empty, { axes: 0 }))).toEqual([-Infinity, -Infinity]);
    expect(await read(std(empty, { axes: 0 }))).toEqual([NaN, NaN]);
    const nothing = max(empty, { axes: 1 });
    expect(nothing.shape).toEqual([0]);
    expect(await read(nothing)).toEqual([]);
  });

  it('combines with an operator of the caller', async () => {
    const x = device.tensor([1, -5, 2, -0.5, 3, 0], [2, 3]);
    const largest = { combine: 'max(a, b)', identity: '0.0', map: 'abs(x)' };
    expect(await read(reduce(x, largest, { axes: 1 }))).toEqual([5, 3]);
    const positive = { combine: 'a + b', identity: '0', map: 'select(0.0, 1.0, x > 0.0)' };
    expect(await read(reduce(x, positive, { axes: 0, keepDims: true }))).toEqual([1, 1, 1]);
    const bits = Array.from({ length: 70_001 }, (_, i) => (i * 2_654_435_761) >>> 0);
    const all = bits.reduce((a, b) => (a ^ b) >>> 0, 0);
    const xor = { combine: 'a ^ b', identity: '0u' };
    expect(await read(reduce(device.tensor(bits, [70_001], 'u32'), xor))).toEqual([all]);
    const halves = device.tensor([2, 4, 8], [3], 'f16');
    expect(await read(reduce(halves, { combine: 'a * b', identity: '1.0' }))).toEqual([64]);
    expect(
      await read(reduce(device.empty([2, 0]), { combine: 'a * b', identity: '1.0' }, { axes: 1 })),
    ).toEqual([1, 1]);
  });

  it('refuses operators that are none', () => {
    const x = counting();
    expect(() => reduce(x, { combine: 'a + b; }', identity: '0.0' })).toThrow(
      'reduce: combine "a + b; }": unexpected ";" at column 6',
    );
    expect(() => reduce(x, { combine: 'a + b', identity: 'x' })).toThrow(
      'reduce: identity "x": unknown name "x"; it has none',
    );
    expect(() => reduce(x, 'sum' as unknown as ReductionOperator)).toThrow(
      'reduce: op must be an operator { combine, identity, map }, got "sum"',
    );
    expect(() => reduce(x, { combine: 'a + b' } as ReductionOperator)).toThrow(
      'reduce: identity must be a string, a WGSL expression, got undefined',
    );
    expect(() => reduce(x, { combine: 'a', identity: '0', lift: 'x' } as ReductionOperator)).toThrow(
      'reduce: an operator has no "lift"; it has combine, identity, map',
    );
    expect(() => reduce(x, { combine: 'a + b', identity: '0.0' }, { axes: 3 })).toThrow(
      'reduce: x [2, 3, 4] has no axis 3',
    );
  });

  it('sums exactly on request, and rounds once', async () => {
    // In f32 alone the ones would be lost beside 2^60, which cancels.
    const cancelling = device.tensor([2 ** 60, 1, -(2 ** 60), 1, 2 ** -140], [5]);
    expect(await read(sum(cancelling, { reproducible: true }))).toEqual([2]);
    const halfway = device.tensor([2 ** 24, 1, 2 ** -149], [3]);
    expect(await read(sum(halfway, { reproducible: true }))).toEqual([2 ** 24 + 2]);
    expect(
      await read(mean(device.tensor([2 ** -149, 2 ** -149, 2 ** -149, 0], [4]), { reproducible: true })),
    ).toEqual([2 ** -149]);
    const overflowing = device.tensor([3e38, 3e38, -3e38, -3e38, 3e38, 3e38], [3, 2]);
    expect(await read(sum(overflowing, { axes: 1, reproducible: true }))).toEqual([
      Infinity,
      -Infinity,
      Infinity,
    ]);
    expect(await read(mean(overflowing, { axes: 1, reproducible: true }))).toEqual([
      Math.fround(3e38),
      -Math.fround(3e38),
      Math.fround(3e38),
    ]);
    const wrapped = device.tensor([2_147_483_647, 1], [2], 'i32');
    expect(await read(sum(wrapped, { reproducible: true }))).toEqual([-2_147_483_648]);
  });

  it('gives the same bits each time', async () => {
    const x = device.tensor(
      Float32Array.from({ length: 100_003 }, (_, i) => Math.sin(i) * 10 ** (i % 7)),
      [100_003],
    );
    const first = await read(sum(x));
    for (let run = 0; run < 3; run++) expect(await read(sum(x))).toEqual(first);
  });

  it.each([
    ['an axis that x does not have', { axes: 3 }, 'sum: x [2, 3, 4] has no axis 3; expected -3 to 2'],
    ['a negative one', { axes: [0, -4] }, 'sum: x [2, 3, 4] has no axis -4; expected -3 to 2'],
    ['an axis given twice', { axes: [1, -2] }, 'sum: axes [1, -2] name axis 1 of x twice'],
    ['half an axis', { axes: 0.5 }, 'sum: an axis must be an integer, got 0.5'],
    ['a name for an axis', { axes: 'rows' }, 'sum: axes must be a number or an array of numbers, got "rows"'],
    [
      'an unknown option',
      { axis: 1 },
      'sum has no option "axis"; it has axes, keepDims, reproducible, kernel, config',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => sum(counting(), options as ReductionOptions)).toThrow(message);
  });

  it('refuses what has no answer', () => {
    const empty = device.empty([4, 0]);
    expect(() => max(empty, { axes: 1 })).toThrow(
      'max of no elements is not defined: x [4, 0] is empty along axes [1]',
    );
    expect(() => argmin(empty)).toThrow(
      'argmin of no elements is not defined: x [4, 0] is empty along axes [0, 1]',
    );
    const integers = device.tensor([1, 2], [2], 'i32') as unknown as Tensor<'f32'>;
    expect(() => mean(integers)).toThrow('mean takes f32 or f16, got i32');
    expect(() => std(integers)).toThrow('std takes f32 or f16, got i32');
    expect(() => logSumExp(integers)).toThrow('logSumExp takes f32 or f16, got i32');
    const numbers = device.tensor([1, 2], [2]);
    expect(() => variance(numbers, { correction: -1 })).toThrow(
      'variance: correction must be a number, 0 or more, got -1',
    );
    expect(() => mean(numbers, { correction: 1 } as ReductionOptions)).toThrow(
      'mean has no option "correction"; it has axes, keepDims, reproducible, kernel, config',
    );
    expect(() => sum(numbers, { reproducible: 1 as unknown as boolean })).toThrow(
      'sum: reproducible must be true or false, got 1',
    );
    const alternating = device.empty([2, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(() => sum(alternating, { axes: [0, 2, 4, 6, 8] })).toThrow('more than four times');
  });
});

describe.each(['webgpu', 'cpu'] as const)('softmax on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });

  it('works along the last axis, or any other', async () => {
    const x = device.tensor([0, Math.log(3), 1000, 1000], [2, 2]);
    const rows = await softmax(x).read();
    for (const [i, want] of [0.25, 0.75, 0.5, 0.5].entries()) expect(rows[i]).toBeCloseTo(want, 6);
    const columns = await softmax(x, { axis: 0 }).read();
    for (const [i, want] of [0, 0, 1, 1].entries()) expect(columns[i]).toBeCloseTo(want, 6);
  });

  it('gives logarithms, of shares too small for their type as well', async () => {
    const x = device.tensor([0, Math.log(3), 0, 1000, -Infinity, 5], [3, 2]);
    const logs = [...(await logSoftmax(x).read())];
    expect(logs).toEqual([
      expect.closeTo(Math.log(0.25), 5),
      expect.closeTo(Math.log(0.75), 5),
      -1000,
      0,
      -Infinity,
      0,
    ]);
    expect([...(await logSoftmax(device.tensor([-Infinity, -Infinity], [2])).read())]).toEqual([NaN, NaN]);
  });

  const lengths = [1, 3, 300, 40_000];
  it.each(lengths.flatMap((length) => [[length, 1] as const, [length, 2] as const]))(
    'makes NaN of rows of -infinity alone, of NaN and of +infinity, and of those only: length %i, %i apart',
    async (length, inner) => {
      const rows = [
        Array.from({ length }, () => -Infinity),
        Array.from({ length }, (_, i) => (i === length - 1 ? NaN : 0)),
        Array.from({ length }, (_, i) => (i === 0 ? Infinity : 0)),
        Array.from({ length }, (_, i) => (i === 0 ? 1 : -Infinity)),
      ];
      const interleaved = rows.flatMap((row) =>
        row.flatMap((value) => Array.from({ length: inner }, () => value)),
      );
      const y = await softmax(device.tensor(interleaved, [rows.length, length, inner]), { axis: 1 }).read();
      const stretch = length * inner;
      for (let row = 0; row < 3; row++) {
        expect(y.subarray(row * stretch, (row + 1) * stretch).every(Number.isNaN)).toBe(true);
      }
      const last = y.subarray(3 * stretch);
      expect([...last.subarray(0, inner)]).toEqual(Array.from({ length: inner }, () => 1));
      expect(last.subarray(inner).every((value) => value === 0)).toBe(true);
    },
  );

  it('refuses scalars, integers and axes that are not there', () => {
    expect(() => softmax(device.tensor([1], []))).toThrow('softmax needs at least one axis, got a scalar');
    expect(() => softmax(device.tensor([1], [1], 'i32') as unknown as Tensor<'f32'>)).toThrow(
      'softmax takes f32 or f16, got i32',
    );
    expect(() => softmax(device.empty([2, 3]), { axis: 2 })).toThrow(
      'softmax: x [2, 3] has no axis 2; expected -2 to 1',
    );
  });

  it('has nothing to do for an empty tensor', async () => {
    const y = softmax(device.empty([3, 0]));
    expect(y.shape).toEqual([3, 0]);
    expect(await y.read()).toHaveLength(0);
  });
});

describe('reproducible sums', () => {
  // 10^-9 to 10^9 and both signs: in f32 every order of additions gives another sum.
  const numbers = Array.from({ length: 4000 }, (_, i) => Math.fround(Math.sin(i * i) * 10 ** ((i % 19) - 9)));

  it('are the same for every kernel, config, order and backend', async () => {
    const device = await testDevice();
    const cpu = await openDevice({ backend: 'cpu' });
    const shuffled = numbers.map((_, i) => numbers[(i * 1237) % numbers.length]!);
    const [want] = await sum(cpu.tensor(numbers, [numbers.length]), { reproducible: true }).read();
    for (const order of [numbers, shuffled]) {
      const row = device.tensor(order, [1, order.length]);
      const column = device.tensor(order, [order.length, 1, 1]);
      const wide = device.tensor(
        order.flatMap((value) => [value, 1]),
        [order.length, 2],
      );
      const reproducible = true;
      for (const total of [
        sum(row, { reproducible }),
        sum(row, { reproducible, kernel: 'reduction/naive' }),
        sum(row, { reproducible, kernel: 'reduction/row', config: { lanes: 64, split: 4 } }),
        sum(column, { reproducible }),
        sum(wide, { reproducible, axes: 0 }),
        sum(wide, {
          reproducible,
          axes: 0,
          kernel: 'reduction/column',
          config: { width: 1, columns: 1, rows: 8, split: 4 },
        }),
      ]) {
        expect((await total.read())[0]).toBe(want);
      }
    }
  });
});

describe('an operator that the adapter refuses', () => {
  it('is named with the expression', async () => {
    const device = await testDevice();
    // The parser lets literals be of any type; WGSL has no negative u32.
    const total = reduce(device.tensor([1, 2], [2], 'u32'), { combine: 'max(a, b)', identity: '-1' });
    await expect(total.read()).rejects.toThrow(/identity "-1" of reduce\(\):1:\d+: /);
  });
});

describe('the choice of a reduction kernel', () => {
  it('follows the layout', async () => {
    const device = await testDevice();
    const x = device.empty([64, 48, 32]);
    expect(explain(sum, x, { axes: [0, 2] }).kernel).toBe('reduction/row');
    expect(explain(sum, x, { axes: [0, 1] }).kernel).toBe('reduction/column');
    expect(explain(sum, device.empty([3])).kernel).toBe('reduction/naive');
    expect(explain(softmax, x).kernel).toBe('softmax/row');
    expect(explain(softmax, x, { axis: 1 }).kernel).toBe('softmax/column');
    expect(explain(softmax, device.empty([2, 100_000])).kernel).toBe('softmax/split');
    expect(explain(softmax, device.empty([2000, 1000])).kernel).toBe('softmax/online');
  });
});

describe('softmax/row', () => {
  const kernel = softmaxOperation.kernels.find(({ name }) => name === 'softmax/row')!;

  // A software adapter prefers another kernel for rows as long as these, but is as good a judge of the results.
  it.each([
    [1000, 64],
    [4099, 256],
    [16_384, 512],
  ])('keeps rows of %i elements in the registers of %i invocations', async (length, lanes) => {
    const device = await testDevice();
    const problem = { log: false, dtype: 'f32', outer: 3, length, inner: 1 } as const;
    for (const subgroups of [false, true]) {
      const config = { lanes, subgroups };
      expect(kernel.legal(config, problem, device.capabilities)).toBe(true);
      await checkCase(device, softmaxOperation, kernel, { name: `rows of ${length}`, problem }, config);
    }
  });
});
