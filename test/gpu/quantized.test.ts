import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import {
  explain,
  matmul,
  openDevice,
  quantize,
  quantizedTensor,
  type Device,
  type GpuDevice,
  type MatmulOptions,
  type QuantizedTensor,
  type QuantizeOptions,
  type Tensor,
} from '../../src/node.ts';
import type { MatmulProblem } from '../../src/reference/matmul.ts';
import { CODINGS } from '../../src/reference/coding.ts';
import { CODE_VALUES } from '../../src/reference/quantization.ts';
import { testDevice } from './support/device.ts';

let gpu: GpuDevice;
let cpu: Device;
beforeAll(async () => {
  gpu = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
});

describe.each(['webgpu', 'cpu'] as const)('products with quantised weights on %s', (backend) => {
  const device = (): Device => (backend === 'cpu' ? cpu : gpu);

  const draw = <D extends 'f32' | 'f16'>(shape: readonly number[], dtype: D, seed: number): Tensor<D> =>
    device().tensor(randomElements({ shape, dtype }, seed), shape, dtype);

  const quantized = (shape: readonly number[], options: QuantizeOptions): Promise<QuantizedTensor> =>
    quantize({ device: device(), data: randomElements({ shape, dtype: 'f32' }, 9), shape }, options);

  /** The product, which the reference has to agree with. */
  async function checked(a: Tensor<'f32' | 'f16'>, b: QuantizedTensor, options: MatmulOptions = {}) {
    const product = matmul(a, b, options);
    const problem = explain(matmul, a, b, options).problem as MatmulProblem;
    const inputs = [a, b.data, b.scales, b.zeroPoints, options.bias, options.residual];
    const values = await Promise.all(
      inputs
        .filter((tensor) => tensor !== undefined)
        .map(async (tensor) => Float64Array.from(await tensor.read())),
    );
    const expected = matmulOperation.reference(problem, values);
    const [bound] = matmulOperation.errorBound(problem, values, expected);
    const comparison = compare(await product.read(), expected[0]!, bound!, product.dtype);
    expect(comparison).toMatchObject({ passed: true });
    return product;
  }

  it.each([
    ['int4', 1],
    ['int4', 20],
    ['int8', 3],
    ['e4m3', 1],
    ['e5m2', 20],
  ] as const)('%s, %i rows', async (format, m) => {
    using b = await quantized([44, 100], { format, scaleType: 'f16' });
    expect(b.error!.relativeRms).toBeLessThan({ int4: 0.15, int8: 0.01, e4m3: 0.04, e5m2: 0.08 }[format]);
    expect((await checked(draw([m, 100], 'f32', 1), b)).dtype).toBe('f32');
  });

  it('weights of experts, one matrix a batch', async () => {
    using b = await quantized([4, 24, 40], { format: 'int4', zeroPoints: true });
    const product = await checked(draw([4, 5, 40], 'f32', 1), b);
    expect(product.shape).toEqual([4, 5, 24]);
    // Each expert for all tokens: a is broadcast.
    expect((await checked(draw([5, 40], 'f32', 2), b)).shape).toEqual([4, 5, 24]);
  });

  it('with whatever is done to the sums, into a tensor', async () => {
    using b = await quantized([48, 64], { format: 'int8', blockSize: 'row' });
    const out = device().empty([7, 24]);
    const product = await checked(draw([7, 64], 'f32', 1), b, {
      bias: draw([48], 'f32', 2),
      residual: draw([7, 24], 'f32', 3),
      gated: true,
      activation: 'silu',
      transposeB: true,
      alpha: 0.5,
      out,
    });
    expect(product).toBe(out);
  });

  it('half precision gives half precision', async () => {
    using b = await quantized([24, 64], { format: 'int4' });
    const a = draw([6, 64], 'f16', 1);
    const product: Tensor<'f16'> = matmul(a, b);
    expect(product.dtype).toBe('f16');
    await checked(a, b);
    expect((await checked(a, b, { dtype: 'f32' })).dtype).toBe('f32');
  });

  it('reads weights as a file has them', async () => {
    // Row 0 counts from 8, row 1 from 1; scales 1 and 0.5.
    using b = quantizedTensor(device(), {
      shape: [2, 4],
      format: 'int4',
      blockSize: 32,
      data: Uint8Array.from(
        { length: 32 },
        (_, index) => [0x98, 0xba, 0x32, 0x54][(index >> 4) * 2 + (index % 16)] ?? 0xff,
      ),
      scales: [1, 0.5],
      zeroPoints: Uint8Array.of(8, 1),
    });
    expect([...(await b.read())]).toEqual([0, 1, 2, 3, 0.5, 1, 1.5, 2]);
    const product = matmul(device().tensor([1, 1, 1, 1], [1, 4]), b);
    expect([...(await product.read())]).toEqual([6, 5]);
  });
});

it.each(matmulOperation.kernels)('$name lets nothing behind a row count', async (kernel) => {
  const { name } = kernel;
  // Everything but three numbers a row is NaN.
  const data = Uint8Array.from({ length: 8 * 32 }, (_, index) => (index % 32 < 3 ? 0x38 : 0x7f));
  const scales = new Float32Array(8).fill(1);
  using b = quantizedTensor(gpu, { shape: [8, 3], format: 'e4m3', blockSize: 32, data, scales });
  const a = gpu.tensor([1, 2, 3, 4, 5, 6], [2, 3], 'f16');
  const { problem } = explain(matmul, a, b);
  if (kernel.supports(problem as MatmulProblem, gpu.capabilities) !== true) return;
  const product = await matmul(a, b, { kernel: name }).read();
  expect([...product]).toEqual([...Array<number>(8).fill(6), ...Array<number>(8).fill(15)]);
});

describe.each(matmulOperation.kernels)('$name', (kernel) => {
  const { name } = kernel;
  it.each(['int4', 'int8', 'e4m3', 'e5m2'] as const)('decodes every code of %s', async (format) => {
    const { bits, zero } = CODINGS[format];
    const values = CODE_VALUES[format];
    const count = 2 ** bits;
    // A row for each code, the same code in every place; a column of ones in a, so that sums are eight times a weight.
    const data = new Uint8Array((count * 32 * bits) / 8);
    for (let code = 0; code < count; code++) {
      data.fill(bits === 4 ? code * 17 : code, (code * 32 * bits) / 8, ((code + 1) * 32 * bits) / 8);
    }
    using b = quantizedTensor(gpu, {
      shape: [count, 8],
      format,
      blockSize: 32,
      data,
      scales: new Float32Array(count).fill(0.125),
    });
    const rows = name.includes('vector') ? 1 : 4;
    const a = gpu.tensor(new Float32Array(8 * rows).fill(1), [rows, 8], 'f16');
    const { problem } = explain(matmul, a, b, { dtype: 'f32' });
    if (kernel.supports(problem as MatmulProblem, gpu.capabilities) !== true) return;
    const product = await matmul(a, b, { dtype: 'f32', kernel: name }).read();
    for (const [code, value] of values.entries()) expect(product[code]).toBe(value - zero + 0);
  });
});
