import * as fc from 'fast-check';
import { max, rootMeanSquare } from 'simple-statistics';
import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import { alignmentOf } from '../../src/kernels/matmul/shader.ts';
import {
  ArgumentError,
  cast,
  contiguous,
  DTypeError,
  explain,
  groupedMatmul,
  matmul,
  openDevice,
  prepack,
  ShapeError,
  softmax,
  UnsupportedError,
  type Device,
  type GpuDevice,
  type MatmulOptions,
  type Tensor,
} from '../../src/node.ts';
import type { MatmulProblem } from '../../src/reference/matmul.ts';
import { decodeElements, encodeElements } from '../../src/tensor.ts';
import { testDevice } from './support/device.ts';

let gpu: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  gpu = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
});

const range = (count: number, start = 0): number[] => Array.from({ length: count }, (_, i) => start + i);
const numbers = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];

describe.each(['webgpu', 'cpu'] as const)('views on %s', (backend) => {
  const device = (): Device => (backend === 'cpu' ? cpu : gpu);

  it('read the elements that they look at', async () => {
    const x = device().tensor(range(24), [2, 3, 4]);
    expect(await numbers(x.slice(-1, 1, 3))).toEqual([1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22]);
    expect(await numbers(x.transpose().slice(0, 1, 2))).toEqual([
      12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23,
    ]);
    expect(await numbers(x.transpose(0, 2).slice(1, 2, 3).slice(0, 3, 4))).toEqual([11, 23]);
    expect(await numbers(x.slice(1, 1, 1))).toEqual([]);
  });

  it('are multiplied where they lie', async () => {
    // [1 2; 4 5] of [0 1 2; 3 4 5; 6 7 8], by the transpose of [0 1; 2 3].
    const a = device().tensor(range(9), [3, 3]).slice(0, 0, 2).slice(1, 1, 3);
    const b = device().tensor(range(4), [2, 2]);
    expect(await numbers(matmul(a, b.transpose()))).toEqual([2, 8, 5, 23]);
    expect(await numbers(matmul(a, b, { transposeB: true }))).toEqual([2, 8, 5, 23]);
    expect(await numbers(matmul(a.transpose(), b.transpose(), { transposeA: true }))).toEqual([2, 8, 5, 23]);
  });

  it('are copied where neighbours lie apart along both axes', async () => {
    const x = device().tensor(range(8), [2, 2, 2]);
    // Of shape [2, 2], every second element: [0 2; 4 6].
    const even = x.transpose(1, 2).transpose(0, 1).slice(0, 0, 1);
    expect(even.shape).toEqual([1, 2, 2]);
    expect(await numbers(even)).toEqual([0, 2, 4, 6]);
    const one = device().tensor([1, 0, 0, 1], [2, 2]);
    expect(await numbers(matmul(even, one))).toEqual([0, 2, 4, 6]);
    expect(await numbers(contiguous(even).reshape([4]))).toEqual([0, 2, 4, 6]);
  });

  it('go into operations that need tensors without gaps', async () => {
    const x = device().tensor([0, 9, 0, 9, 0, 9], [3, 2]);
    const shares = await numbers(softmax(x.slice(1, 0, 1).transpose()));
    for (const share of shares) expect(share).toBeCloseTo(1 / 3, 6);
  });

  it('cannot be written or reshaped, and say what to do', () => {
    const x = device().tensor(range(6), [2, 3]);
    expect(() => x.slice(1, 0, 2).write([1, 2, 3, 4])).toThrow(/a view cannot be written to/);
    expect(() => x.transpose().reshape([6])).toThrow(/contiguous\(\)/);
    expect(() => x.slice(2, 0, 1)).toThrow(ShapeError);
    expect(() => x.slice(1, 2, 1)).toThrow(/0 <= start <= end <= 3.*got 2, 1/);
    expect(() => x.transpose(0, 5)).toThrow(/axis 5 does not exist/);
  });
});

describe.each(['webgpu', 'cpu'] as const)('matmul on %s', (backend) => {
  const device = (): Device => (backend === 'cpu' ? cpu : gpu);
  const one = (): Tensor<'f32'> => device().tensor([1, 0, 0, 1], [2, 2]);

  it('computes the terms of its definition', async () => {
    const a = device().tensor([1, 2, 3, 4], [2, 2]);
    const c = device().tensor([10, 20], [2, 1]);
    const bias = device().tensor([-100, 0], [2]);
    const residual = device().tensor([0.5], []);
    const options = { alpha: 2, c, beta: -1, bias, activation: 'relu', residual } as const;
    // 2 a - c + bias = [-108 -6; -114 -12], then relu.
    expect(await numbers(matmul(a, one(), options))).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(await numbers(matmul(a, one(), { ...options, activation: 'none' }))).toEqual([
      -107.5, -5.5, -113.5, -11.5,
    ]);
    expect(await numbers(matmul(a, one(), { activation: 'clip', limits: [2, 3] }))).toEqual([2, 2, 3, 3]);
  });

  it.each(['sigmoid', 'silu', 'geluTanh'] as const)(
    '%s is 0 where that is all that f32 has',
    async (activation) => {
      const x = device().tensor([-Infinity, -1e4, -9e3, -100], [4, 1]);
      const far = await numbers(matmul(x, device().tensor([1], [1, 1]), { activation }));
      for (const value of far) expect(Math.abs(value)).toBeLessThan(1e-37);
    },
  );

  it('does not read c where beta is 0', async () => {
    const c = device().tensor([NaN], [1]);
    expect(await numbers(matmul(one(), one(), { c, beta: 0 }))).toEqual([1, 0, 0, 1]);
  });

  it('lets gates decide', async () => {
    const x = device().tensor([1, -1], [1, 2]);
    // Stored as [n, k]: gates x[0], x[1]; what passes: 10 x[0], -10 x[1].
    const w = device().tensor([1, 0, 0, 1, 10, 0, 0, -10], [4, 2]);
    expect(await numbers(matmul(x, w, { transposeB: true, gated: true, activation: 'relu' }))).toEqual([
      10, 0,
    ]);
    expect(await numbers(matmul(x, w.transpose(), { gated: true, activation: 'relu' }))).toEqual([10, 0]);
    expect(await numbers(matmul(x, contiguous(w.transpose()), { gated: true }))).toEqual([10, -10]);
  });

  it('writes into a tensor, a part of one, or over c', async () => {
    const a = device().tensor([1, 2, 3, 4], [2, 2]);
    const out = device().tensor([9, 9, 9, 9], [2, 2]);
    expect(matmul(a, one(), { out })).toBe(out);
    expect(await numbers(out)).toEqual([1, 2, 3, 4]);
    const large = device().tensor(
      Array.from({ length: 12 }, () => 9),
      [3, 4],
    );
    matmul(a, one(), { out: large.slice(0, 1, 3).slice(1, 1, 3) });
    expect(await numbers(large)).toEqual([9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9]);
    matmul(a, one(), { c: out, beta: 10, out });
    expect(await numbers(out)).toEqual([11, 22, 33, 44]);
    matmul(a, one(), { residual: out, activation: 'relu', out });
    expect(await numbers(out)).toEqual([12, 24, 36, 48]);
    expect(() => matmul(out, one(), { out })).toThrow(/out shares its memory with a/);
    expect(() => matmul(a, one(), { out: device().empty([2, 3]) })).toThrow(/out must have shape \[2, 2\]/);
    expect(() => matmul(a, one(), { out: device().empty([2, 2], 'f16') })).toThrow(DTypeError);
    expect(() => matmul(a, one(), { out: large.slice(0, 0, 2).slice(1, 0, 2).transpose() })).toThrow(
      ArgumentError,
    );
  });

  it('takes bf16 and operands of two types', async () => {
    const values = [1, 2.5, -3, 0.15625];
    const a = device().tensor(values, [2, 2], 'bf16');
    const product = matmul(a, one());
    expect(product.dtype).toBe('f32');
    expect(await numbers(product)).toEqual(values);
    expect(matmul(a, one(), { dtype: 'f16' }).dtype).toBe('f16');
    expect(await numbers(cast(cast(product, 'bf16'), 'f32'))).toEqual(values);
    expect(matmul(cast(a, 'f16'), cast(one(), 'f16')).dtype).toBe('f16');
  });

  it('refuses what does not fit, naming the argument', () => {
    const a = device().tensor(range(6), [2, 3]);
    const refusal =
      (options: MatmulOptions): (() => unknown) =>
      () =>
        matmul(a, one(), { transposeA: true, ...options });
    expect(() => matmul(a, one())).toThrow(/a \[2, 3\] has k = 3, b \[2, 2\] has k = 2/);
    expect(() => matmul(a, device().tensor([1, 2], [2]))).toThrow(/at least two axes.*b \[2\]/);
    expect(refusal({ bias: device().tensor([1], [1]) })).toThrow(/bias must have shape \[2\], got \[1\]/);
    expect(refusal({ c: device().tensor([1, 2], [2, 1]) })).toThrow(
      /c must broadcast to \[3, 2\], got \[2, 1\]/,
    );
    expect(refusal({ residual: device().tensor([1, 2, 3], [3]) })).toThrow(
      /residual must broadcast to \[3, 2\]/,
    );
    expect(refusal({ bias: device().tensor([1, 2], [2], 'i32') })).toThrow(
      /bias must be f32 or f16, got i32/,
    );
    expect(refusal({ activation: 'swish' as never })).toThrow(
      /activation must be "none", "relu", .*, got "swish"/,
    );
    expect(refusal({ activation: 'clip' })).toThrow(/clip needs limits/);
    expect(refusal({ activation: 'clip', limits: [1, 0] })).toThrow(/min <= max/);
    expect(refusal({ limits: [0, 1] })).toThrow(/limits are for the activation clip/);
    expect(refusal({ alpha: '2' as never })).toThrow(/alpha must be a number, got "2"/);
    expect(refusal({ dtype: 'i32' })).toThrow(/dtype must be "f32" or "f16", got "i32"/);
    expect(refusal({ accumulate: 'f16' })).toThrow(/sums in f16 are for operands and results of f16/);
    expect(refusal({ beta1: 2 } as never)).toThrow(/no option "beta1"/);
    expect(() => matmul(a, a, { transposeB: true, gated: true, c: one() })).toThrow(ArgumentError);
    expect(() => matmul(one(), device().tensor(range(6), [3, 2]), { transposeB: true, gated: true })).toThrow(
      /gated product needs an even n.*n = 3/,
    );
    expect(() => matmul(a as never, device().tensor(range(6), [3, 2], 'i32') as never)).toThrow(
      /b must be f32 or f16 or bf16 or i8, got i32/,
    );
    expect(() => matmul(cast(a, 'f16'), cast(a.transpose(), 'bf16'))).toThrow(
      /f16 and bf16 do not go together/,
    );
  });

  it('multiplies by operands that were packed, whatever they were', async () => {
    const [m, n, k] = [3, 5, 11];
    const a = device().tensor(range(m * k, -10), [m, k]);
    const b = device().tensor(range(2 * k * n, -30), [2, k, n]);
    const plain = await numbers(matmul(a, b));
    using packed = prepack(b);
    expect(packed.shape).toEqual([2, n, k]);
    expect(await numbers(matmul(a, packed, { transposeB: true }))).toEqual(plain);
    expect(await numbers(packed)).toEqual(await numbers(b.transpose()));
    using again = prepack(packed.slice(0, 1, 2), { transposeB: true });
    expect(await numbers(matmul(a, again, { transposeB: true }))).toEqual(plain.slice(m * n));
    expect(await numbers(matmul(a.slice(1, 0, 9), packed.slice(2, 0, 9), { transposeB: true }))).toEqual(
      await numbers(matmul(a.slice(1, 0, 9), b.slice(1, 0, 9))),
    );
    const whole = explain(matmul, a, packed, { transposeB: true }).problem as MatmulProblem;
    expect(alignmentOf(whole, 'b')).toBe(8);
    const part = explain(matmul, a.slice(1, 0, 9), packed.slice(2, 0, 9), { transposeB: true });
    expect(alignmentOf(part.problem as MatmulProblem, 'b')).toBe(1);
    expect(() => prepack(device().tensor([1], [1]))).toThrow(/at least two axes, got b \[1\]/);
  });

  it('multiplies groups of rows by a matrix each', async () => {
    const a = device().tensor(range(8), [4, 2]);
    const b = device().tensor([1, 0, 0, 1, 9, 9, 9, 9, 0, 10, 10, 0], [3, 2, 2]);
    const bias = device().tensor([0, 1, 0, 0, 2, 3], [3, 2]);
    expect(await numbers(groupedMatmul(a, b, [0, 3, 3, 4]))).toEqual([0, 1, 2, 3, 4, 5, 70, 60]);
    const offsets = device().tensor([0, 3, 3, 4], [4], 'u32');
    expect(await numbers(groupedMatmul(a, b, offsets, { bias }))).toEqual([0, 2, 2, 4, 4, 6, 72, 63]);
    expect(() => groupedMatmul(a, b, [0, 3, 2, 4])).toThrow(
      /offsets must ascend from 0 to 4, the rows of a, got 2 at 2/,
    );
    expect(() => groupedMatmul(a, b, [0, 1, 2, 3])).toThrow(/got 3 at 3/);
    expect(() => groupedMatmul(a, b, [1, 2, 3, 4])).toThrow(/got 1 at 0/);
    expect(() => groupedMatmul(a, b, [0, 4])).toThrow(/offsets must have shape \[4\].*got 2 numbers/);
    expect(() => groupedMatmul(a, one(), [0, 4])).toThrow(
      /b \[groups, k, n\], got a \[4, 2\] and b \[2, 2\]/,
    );
  });

  it('broadcasts batches, and says where they alternate too often', async () => {
    const a = device().tensor(range(2), [2, 1, 1, 1]);
    const b = device().tensor(range(3), [3, 1, 1]);
    expect(await numbers(matmul(a, b))).toEqual([0, 0, 0, 0, 1, 2]);
    const many = device().empty([2, 1, 2, 1, 2, 1, 1]);
    const others = device().empty([1, 2, 1, 2, 1, 1, 1]);
    expect(() => matmul(many, others)).toThrow(UnsupportedError);
    expect(() => matmul(device().empty([2, 1, 1]), device().empty([3, 1, 1]))).toThrow(/do not broadcast/);
  });
});

it('never leaves its buffers for offsets of groups that run backwards', async () => {
  const a = gpu.tensor(range(8), [4, 2]);
  const b = gpu.tensor([1, 0, 0, 1, 2, 0, 0, 2, 3, 0, 0, 3], [3, 2, 2]);
  const offsets = gpu.tensor([0, 2, 1, 4_000_000], [4], 'u32');
  const out = gpu.tensor(
    Array.from({ length: 8 }, () => -1),
    [4, 2],
  );
  // Groups: rows 0 and 1, none, and rows 1 to 3.
  const rows = await numbers(groupedMatmul(a, b, offsets, { out }));
  expect(rows.slice(0, 2)).toEqual([0, 1]);
  expect(rows.slice(4)).toEqual([12, 15, 18, 21]);
});

it.each([
  ['tiled', 'f32', 16],
  ['tiled', 'f16', 3],
  ['subgroupMatrix', 'f16', 4],
] as const)(
  'gives the same bits each time with %s of %s in %i slices of k',
  async (kernel, dtype, splitK) => {
    const draw = (shape: readonly number[], seed: number): Tensor<'f32'> =>
      gpu.tensor(randomElements({ shape, dtype }, seed), shape, dtype) as Tensor as Tensor<'f32'>;
    const [m, n, k] = [37, 41, 3000];
    const [a, b, bias] = [draw([m, k], 1), draw([k, n], 2), draw([n], 3)];
    const options = { kernel: `matmul/${kernel}`, config: { splitK }, bias, activation: 'silu' } as const;
    const explanation = explain(matmul, a, b, options);
    expect(explanation.passes.map(({ label }) => label)).toEqual([`matmul/${kernel}`, 'matmul/combine']);
    const problem = explanation.problem as MatmulProblem;
    const values = await Promise.all(
      [a, b, bias].map(async (tensor) => Float64Array.from(await tensor.read())),
    );
    const expected = matmulOperation.reference(problem, values);
    const [bound] = matmulOperation.errorBound(problem, values, expected);
    const first = await matmul(a, b, options).read();
    expect(compare(first, expected[0]!, bound!, dtype)).toMatchObject({ passed: true });
    expect(await matmul(a, b, options).read()).toEqual(first);
  },
);

it.each([
  ['vectorDot', 1],
  ['direct', 40],
  ['subgroupMatrix', 40],
  ['tiled', 40],
  ['naive', 40],
] as const)(
  'rounds sums of halves by %s no worse than twice as much as storing the exact ones',
  async (kernel, m) => {
    const [n, k] = [48, 2048];
    const draw = (shape: readonly number[], seed: number): Tensor<'f16'> =>
      gpu.tensor(randomElements({ shape, dtype: 'f16' }, seed), shape, 'f16');
    const [a, b] = [draw([m, k], 1), draw([n, k], 2)];
    const options = { transposeB: true, kernel: `matmul/${kernel}` } as const;
    const problem = explain(matmul, a, b, options).problem as MatmulProblem;
    const values = await Promise.all([a, b].map(async (tensor) => Float64Array.from(await tensor.read())));
    const [exact] = matmulOperation.reference(problem, values);
    const rounded = decodeElements(encodeElements(exact!, 'f16').buffer, 'f16', exact!.length);
    const errors = (got: ArrayLike<number>): number[] =>
      Array.from(exact!, (value, i) => Math.abs(got[i]! - value));
    const of = errors(await matmul(a, b, options).read());
    const least = errors(rounded);
    expect(rootMeanSquare(of)).toBeLessThanOrEqual(2 * rootMeanSquare(least));
    expect(max(of)).toBeLessThanOrEqual(2 * max(least));
  },
);

it('writes into a tensor that shares a buffer with the operands', async () => {
  // Small tensors lie in one buffer, which WebGPU does not let a dispatch read and write.
  const [a, b, out] = range(3).map(() => gpu.tensor([1, 2, 3, 4], [2, 2])) as [
    Tensor<'f32'>,
    Tensor<'f32'>,
    Tensor,
  ];
  expect(gpu.shareBuffer(a, out)).toBe(true);
  matmul(a, b, { out });
  expect(await numbers(out)).toEqual([7, 10, 15, 22]);
});

it('fills a tensor from a graph each time that it is replayed', async () => {
  const a = gpu.tensor([1, 2, 3, 4], [2, 2]);
  const one = gpu.tensor([1, 0, 0, 1], [2, 2]);
  const out = gpu.tensor([0, 0, 0, 0], [2, 2]);
  using graph = gpu.capture(() => matmul(a, one, { c: out, out }));
  graph.replay(3);
  expect(await numbers(out)).toEqual([3, 6, 9, 12]);
});

it('explains views without running anything', () => {
  const x = gpu.tensor(range(8), [2, 2, 2]);
  const view = x.transpose(1, 2).transpose(0, 1).slice(0, 0, 1);
  expect(explain(matmul, view, x.slice(0, 0, 1)).op).toBe('matmul');
});

describe('products of any shape and options agree with the CPU path', () => {
  const options = fc.record({
    dtype: fc.constantFrom('f32' as const, 'f16' as const, 'bf16' as const),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    activation: fc.constantFrom('none' as const, 'relu' as const, 'tanh' as const),
    bias: fc.boolean(),
    residual: fc.boolean(),
    alpha: fc.constantFrom(1, -2.5),
    gated: fc.boolean(),
  });
  const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 150 }));

  it('whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 1, max: 3 }),
        options,
        async (m, columns, k, batches, { dtype, bias, residual, gated, ...rest }) => {
          const n = gated ? 2 * columns : columns;
          const result = dtype === 'f16' ? 'f16' : 'f32';
          const draw = (
            shape: readonly number[],
            type: 'f32' | 'f16' | 'bf16',
            seed: number,
          ): Tensor<'f32'> => {
            const values = randomElements({ shape, dtype: type }, seed);
            return gpu.tensor(values, shape, type) as Tensor as Tensor<'f32'>;
          };
          const a = draw(rest.transposeA ? [batches, k, m] : [batches, m, k], dtype, 1);
          const b = draw(rest.transposeB ? [n, k] : [k, n], dtype, 2);
          const all: MatmulOptions = {
            ...rest,
            gated,
            ...(bias && { bias: draw([n], result, 3) }),
            ...(residual && { residual: draw([m, columns], result, 4) }),
          };
          const problem = explain(matmul, a, b, all).problem as MatmulProblem;
          const inputs = [a, b, all.bias, all.residual].filter((tensor) => tensor !== undefined);
          const values = await Promise.all(
            inputs.map(async (tensor) => Float64Array.from(await tensor.read())),
          );
          const expected = matmulOperation.reference(problem, values);
          const [bound] = matmulOperation.errorBound(problem, values, expected);
          const product = matmul(a, b, all);
          const got = await product.read();
          for (const tensor of [product, ...inputs]) tensor.dispose();
          expect(compare(got, expected[0]!, bound!, result)).toMatchObject({ passed: true });
        },
      ),
      { numRuns: 40, seed: 20_261_126 },
    );
  });
});
