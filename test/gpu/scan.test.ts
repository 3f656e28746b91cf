import { beforeAll, describe, expect, it } from 'vitest';
import {
  cumsum,
  explain,
  openDevice,
  scan,
  segmentReduce,
  segmentScan,
  type Device,
  type ScanOptions,
  type Tensor,
} from '../../src/node.ts';
import { scanOperation } from '../../src/kernels/checked.ts';
import { checkCase } from './support/checkCase.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('scans on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

  it('go along the last axis by default, or any other', async () => {
    const x = device.tensor([1, 2, 3, 10, 20, 30], [2, 3]);
    expect(await read(cumsum(x))).toEqual([1, 3, 6, 10, 30, 60]);
    expect(await read(cumsum(x, { axis: 0 }))).toEqual([1, 2, 3, 11, 22, 33]);
    expect(await read(scan(x, { axis: -2, op: 'prod' }))).toEqual([1, 2, 3, 10, 40, 90]);
    expect(cumsum(x).shape).toEqual([2, 3]);
  });

  it('leave the element itself out, and run backwards, on request', async () => {
    const x = device.tensor([3, 1, 4, 1], [4], 'i32');
    expect(await read(cumsum(x, { exclusive: true }))).toEqual([0, 3, 4, 8]);
    expect(await read(cumsum(x, { reverse: true }))).toEqual([9, 6, 5, 1]);
    expect(await read(scan(x, { op: 'max', exclusive: true }))).toEqual([-(2 ** 31), 3, 3, 4]);
    expect(await read(scan(x, { op: 'min', exclusive: true, reverse: true }))).toEqual([
      1,
      1,
      1,
      2 ** 31 - 1,
    ]);
  });

  it.each(['f32', 'f16', 'i32', 'u32'] as const)(
    'give what the operator makes of nothing in %s',
    async (dtype) => {
      const first = async (op: NonNullable<ScanOptions['op']>): Promise<number> =>
        (await read(scan(device.tensor([5], [1], dtype), { op, exclusive: true })))[0]!;
      const extremes = {
        f32: [-Infinity, Infinity],
        f16: [-Infinity, Infinity],
        i32: [-(2 ** 31), 2 ** 31 - 1],
        u32: [0, 2 ** 32 - 1],
      };
      expect([await first('sum'), await first('prod')]).toEqual([0, 1]);
      expect([await first('max'), await first('min')]).toEqual(extremes[dtype]);
    },
  );

  it('let NaN through', async () => {
    const x = device.tensor([1, NaN, 3], [3]);
    for (const op of ['sum', 'prod', 'max', 'min'] as const) {
      expect(await read(scan(x, { op }))).toEqual([1, NaN, NaN]);
    }
  });

  it('sum half precision in f32', async () => {
    const ones = device.tensor(new Float32Array(4096).fill(1), [4096], 'f16');
    expect((await read(cumsum(ones)))[4095]).toBe(4096);
  });

  it('combine with an operator of the caller, always what comes first with what comes next', async () => {
    const last = { combine: 'select(b, a, b == 0)', identity: '0' };
    const x = device.tensor([0, 5, 0, 7, 0, 0, 2, 0], [8]);
    expect(await read(scan(x, { op: last }))).toEqual([0, 5, 5, 7, 7, 7, 2, 2]);
    expect(await read(scan(x, { op: last, reverse: true, exclusive: true }))).toEqual([
      5, 7, 7, 2, 2, 2, 0, 0,
    ]);
    const rows = device.tensor([1, 2, 0, 3, 4, 0], [3, 2], 'i32');
    expect(await read(scan(rows, { op: last, axis: 0 }))).toEqual([1, 2, 1, 3, 4, 3]);
    const squares = { combine: 'a + b', identity: '0.0', map: 'x * x' };
    expect(await read(scan(device.tensor([1, 2, 3], [3], 'f16'), { op: squares }))).toEqual([1, 5, 14]);
  });

  it('sum exactly on request, and round each sum once', async () => {
    // In f32 alone the ones would be lost beside 2^60, which cancels.
    const x = device.tensor([2 ** 60, 1, -(2 ** 60), 1, 2 ** -149], [5]);
    expect(await read(cumsum(x, { reproducible: true }))).toEqual([2 ** 60, 2 ** 60, 1, 2, 2]);
    expect(await read(cumsum(x, { reproducible: true, reverse: true, exclusive: true }))).toEqual([
      -(2 ** 60),
      -(2 ** 60),
      1,
      2 ** -149,
      0,
    ]);
  });

  it('have nothing to do for an empty tensor', async () => {
    expect(await read(cumsum(device.empty([0, 3])))).toEqual([]);
    expect(cumsum(device.empty([3, 0])).shape).toEqual([3, 0]);
  });

  it.each([
    ['an axis that x does not have', { axis: 2 }, 'scan: x [2, 2] has no axis 2; expected -2 to 1'],
    ['half an axis', { axis: 0.5 }, 'scan: an axis must be an integer, got 0.5'],
    [
      'an unknown operator',
      { op: 'mean' },
      'scan: op must be one of sum, prod, max, min, or an operator { combine, identity, map }, got "mean"',
    ],
    [
      'products that are to be reproducible',
      { op: 'prod', reproducible: true },
      'scan: what products of f32 rounds depends on the adapter; sums, maxima, minima and integers can be reproducible',
    ],
    [
      'an operator that ends its line',
      { op: { combine: 'a + b; // ', identity: '0' } },
      'scan: combine "a + b; // ": unexpected ";" at column 6',
    ],
    [
      'an operator without an identity',
      { op: { combine: 'a + b' } },
      'scan: identity must be a string, a WGSL expression, got undefined',
    ],
    [
      'an operator with a misspelt name',
      { op: { combine: 'a', identity: '0', lift: 'x' } },
      'scan: an operator has no "lift"; it has combine, identity, map',
    ],
    ['a flag that is none', { reverse: 1 }, 'scan: reverse must be true or false, got 1'],
    [
      'an unknown option',
      { axes: 1 },
      'scan has no option "axes"; it has axis, exclusive, reverse, reproducible, op, kernel, config',
    ],
  ])('refuse %s', (_, options, message) => {
    expect(() => scan(device.empty([2, 2]), options as ScanOptions)).toThrow(message);
  });

  it('refuse scalars, and an operator where it is given', () => {
    expect(() => cumsum(device.tensor([1], []))).toThrow('cumsum needs at least one axis, got a scalar');
    expect(() => cumsum(device.empty([2]), { op: 'max' } as object)).toThrow('cumsum has no option "op"');
  });
});

describe('scans of five million elements', () => {
  const whole = { outer: 1, inner: 1, exclusive: false, reverse: false };
  const ordinary = scanOperation.kernels.filter(({ name }) => name !== 'scan/exact');

  it.each(ordinary.map((kernel) => [kernel.name, kernel] as const))('by %s', async (_, kernel) => {
    const device = await testDevice();
    for (const dtype of ['f32', 'i32'] as const) {
      const problem = { ...whole, length: 5_000_000, operator: 'sum', dtype } as const;
      const config = kernel.heuristic(problem, device.capabilities);
      await checkCase(device, scanOperation, kernel, { name: dtype, problem }, config);
    }
  });

  it.each([
    ['f32', 'rows', { exclusive: true }],
    ['f16', 'one row', { reverse: true }],
    ['i32', 'columns', { exclusive: true, reverse: true }],
    ['u32', 'columns', { reverse: true }],
  ] as const)('of %s, in %s, with %o', async (dtype, lie, how) => {
    const device = await testDevice();
    if (dtype === 'f16' && !device.capabilities.f16) return;
    const shape = { 'one row': [1, 5_000_000], rows: [4, 1_250_000], columns: [1_250_000, 4] }[lie];
    const axis = lie === 'columns' ? 0 : 1;
    // Sums of any neighbours are small whole numbers, so that they are exact in every type.
    const numbers = Float32Array.from({ length: 5_000_000 }, (_, i) =>
      dtype === 'u32' ? i % 7 : ((i * 3) % 7) - 3,
    );
    const x = device.tensor(numbers, shape, dtype);
    const y = cumsum(x, { axis, ...how });
    const got = await y.read();
    const [length, inner] = axis === 0 ? [shape[0]!, shape[1]!] : [shape[1]!, 1];
    const { exclusive = false, reverse = false }: ScanOptions = how;
    const wrong = Array.from({ length: numbers.length / length }, (_, line) => {
      const start = Math.floor(line / inner) * length * inner + (line % inner);
      let total = 0;
      for (let step = 0; step < length; step++) {
        const at = start + (reverse ? length - 1 - step : step) * inner;
        if (exclusive && got[at] !== total) return at;
        total += numbers[at]!;
        if (!exclusive && got[at] !== total) return at;
      }
      return -1;
    });
    expect(wrong.filter((at) => at >= 0)).toEqual([]);
    x.dispose();
    y.dispose();
  });

  it('by scan/exact', async () => {
    const device = await testDevice();
    // Whole numbers whose sums are small: every one is exact in f32, and the reference in fixed point is not needed.
    const numbers = Float32Array.from({ length: 5_000_000 }, (_, i) => ((i * 7919) % 101) - 50);
    const got = await cumsum(device.tensor(numbers, [numbers.length]), { reproducible: true }).read();
    let total = 0;
    const wrong = numbers.findIndex((value, i) => {
      total += value;
      return got[i] !== total;
    });
    expect(wrong).toBe(-1);
  });

  it('give the same bits each time', async () => {
    const device = await testDevice();
    const x = device.tensor(
      Float32Array.from({ length: 1_000_003 }, (_, i) => Math.sin(i) * 10 ** (i % 7)),
      [1_000_003],
    );
    for (const { name } of ordinary) {
      const bits = async (): Promise<Buffer> =>
        Buffer.from((await cumsum(x, { kernel: name }).read()).buffer);
      const first = await bits();
      for (let run = 0; run < 3; run++) expect(first.equals(await bits())).toBe(true);
    }
  });
});

describe('reproducible scans', () => {
  // 10^-9 to 10^9 and both signs: in f32 every order of additions gives other sums.
  const numbers = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(i * i) * 10 ** ((i % 19) - 9));

  it('are the same for every kernel, config and backend', async () => {
    const device = await testDevice();
    const cpu = await openDevice({ backend: 'cpu' });
    const want = await cumsum(cpu.tensor(numbers, [numbers.length]), { reproducible: true }).read();
    const x = device.tensor(numbers, [numbers.length]);
    for (const choice of [
      {},
      { kernel: 'scan/naive' },
      ...[16, 64, 1024, 8192].map((chunk) => ({ kernel: 'scan/exact', config: { chunk } })),
    ]) {
      expect(await cumsum(x, { reproducible: true, ...choice }).read()).toEqual(want);
    }
  });
});

describe('an operator that the adapter refuses', () => {
  it('is named with the expression', async () => {
    const device = await testDevice();
    // The parser lets literals be of any type; WGSL has no negative u32.
    const op = { combine: 'max(a, b)', identity: '-1' };
    const x = device.tensor([1, 2], [2], 'u32');
    await expect(scan(x, { op }).read()).rejects.toThrow(/identity "-1" of scan\(\):1:\d+: /);
    await expect(segmentScan(x, [0, 2], { op }).read()).rejects.toThrow(/of segmentScan\(\):1:\d+: /);
    await expect(segmentReduce(x, [0, 2], { op }).read()).rejects.toThrow(/of segmentReduce\(\):1:\d+: /);
  });
});

describe('scan/lookback', () => {
  it('does the work of a workgroup that never comes', async () => {
    const device = await testDevice();
    // Large enough for buffers of their own, as the results of operations have.
    const length = 20_000;
    const problem = {
      operator: 'sum',
      dtype: 'i32',
      outer: 1,
      length,
      inner: 1,
      exclusive: false,
      reverse: false,
    } as const;
    const kernel = scanOperation.kernels.find(({ name }) => name === 'scan/lookback')!;
    const config = { lanes: 32, patience: 3, subgroups: false };
    const { scratchBytes, passes } = kernel.plan(problem, config, device.capabilities);
    const x = device.tensor(new Int32Array(length).fill(1), [length], 'i32');
    const y = device.tensor(new Int32Array(length), [length], 'i32');
    // Without the pass that clears it, and as if a workgroup had taken the first tile already.
    const status = new Uint32Array(scratchBytes[0]! / 4);
    status[0] = 1;
    const scratch = device.tensor(status, [status.length], 'u32');
    device.encode(device.prepare({ scratchBytes, passes: passes.slice(1) }), [x], [y], [scratch]);
    const tile = 512;
    const expected = Int32Array.from({ length }, (_, i) => (i < tile ? 0 : i + 1));
    expect(await y.read()).toEqual(expected);
  });
});

describe('the choice of a scan kernel', () => {
  it('cuts long rows into parts', async () => {
    const device = await testDevice();
    expect(explain(cumsum, device.empty([1_000_000])).passes).toHaveLength(3);
    expect(explain(cumsum, device.empty([100_000, 8])).passes).toHaveLength(1);
    expect(explain(cumsum, device.empty([0, 8])).kernel).toBe('scan/naive');
  });
});
