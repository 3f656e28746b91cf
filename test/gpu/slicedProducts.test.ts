// Products whose operands are larger than a device binds at once. The device says that it binds little, so that the cases of the
// registry are cut: along batches, rows, columns and sums, with terms, views and results of every kind.
import { beforeAll, describe, expect, it } from 'vitest';
import { matmulOperation } from '../../src/kernels/checked.ts';
import type { Kernel } from '../../src/kernels/define.ts';
import { matmulCases } from '../../src/kernels/matmul/cases.ts';
import { slicedPlan } from '../../src/kernels/slicing.ts';
import {
  explain,
  groupedMatmul,
  matmul,
  openDevice,
  quantize,
  type Device,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { isQuantized, type MatmulProblem } from '../../src/reference/matmul.ts';
import { storageSizeBytes } from '../../src/tensor.ts';
import { checkCase } from './support/checkCase.ts';
import { evenShare } from './support/corners.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 4096;

let narrow: GpuDevice;
beforeAll(async () => {
  narrow = await narrowDevice(LIMIT);
  return () => narrow.destroy();
});

/** What the operation runs, slices and all, as one kernel. */
const whole: Kernel<MatmulProblem> = {
  ...matmulOperation.kernels.at(-1)!,
  plan: (problem, _config, caps) =>
    slicedPlan(matmulOperation, problem, caps, (part) => {
      const { kernel, config } = select(matmulOperation, part, caps);
      return kernel.plan(part, config, caps);
    }),
};

// Blocks of quantised weights start where their scales can be bound, too; those of the cases are fewer than that takes.
const cases = matmulCases.filter(
  ({ problem }) =>
    !problem.grouped &&
    !isQuantized(problem.b) &&
    [...matmulOperation.inputs(problem), ...matmulOperation.outputs(problem)].some(
      (spec) => storageSizeBytes(spec) > LIMIT,
    ),
);

it('has cases of every kind', () => {
  expect(cases.length).toBeGreaterThan(60);
});

// Compiling the shaders is what takes the time.
it.each(evenShare(cases, 24, 0))('$name', async (testCase) => {
  await checkCase(narrow, matmulOperation, whole, testCase, {});
});

describe('by the API', () => {
  let device: GpuDevice;
  let cpu: Device;
  beforeAll(async () => {
    device = await narrowDevice(32_768);
    cpu = await openDevice({ backend: 'cpu' });
    return () => device.destroy();
  });

  /** Whole numbers, whose products and sums are exact in f32. */
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 13) - 6);

  async function expectSame(run: (device: Device) => Tensor | Promise<Tensor>): Promise<void> {
    const [got, want] = await Promise.all([device, cpu].map(async (each) => (await run(each)).read()));
    expect(got).toEqual(want);
  }

  it('weights [k, n], of which no range of columns is smaller', async () => {
    const run = (each: Device): Tensor =>
      matmul(each.tensor(numbers(3 * 300), [3, 300]), each.tensor(numbers(300 * 200), [300, 200]));
    await expectSame(run);
    const { kernel, passes } = explain(matmul, device.empty([3, 300]), device.empty([300, 200]));
    expect(kernel).toBe('matmul/slices');
    expect(passes.at(-1)!.label).toBe('matmul/combine');
  });

  it('weights [n, k], row by row', async () => {
    await expectSame((each) =>
      matmul(each.tensor(numbers(100 * 512), [100, 512]), each.tensor(numbers(200 * 512), [200, 512]), {
        transposeB: true,
        bias: each.tensor(numbers(200), [200]),
        activation: 'relu',
      }),
    );
    const { kernel, reason } = explain(matmul, device.empty([100, 512]), device.empty([200, 512]), {
      transposeB: true,
    });
    expect(kernel).not.toBe('matmul/slices');
    expect(reason).toMatch(/in \d+ slices, since the adapter binds 32768 bytes at once$/);
  });

  it('one sum of long lines', async () => {
    await expectSame((each) =>
      matmul(each.tensor(numbers(30_000), [1, 30_000]), each.tensor(numbers(30_000), [30_000, 1])),
    );
  });

  it('a small part of a large tensor', async () => {
    await expectSame((each) => {
      const x = each.tensor(numbers(40_000), [400, 100]);
      return matmul(x.slice(0, 390, 397), x.slice(0, 200, 211), { transposeB: true });
    });
  });

  it('into a tensor that holds what is added', async () => {
    await expectSame((each) => {
      const c = each.tensor(numbers(20_000), [100, 200]);
      return matmul(each.tensor(numbers(700), [100, 7]), each.tensor(numbers(1400), [7, 200]), {
        c,
        beta: 2,
        out: c,
      });
    });
  });

  it('experts, a group of rows each', async () => {
    await expectSame((each) =>
      groupedMatmul(
        each.tensor(numbers(40 * 64), [40, 64]),
        each.tensor(numbers(9 * 64 * 48), [9, 64, 48]),
        [0, 3, 3, 9, 20, 21, 30, 31, 31, 40],
        { bias: each.tensor(numbers(9 * 48), [9, 48]) },
      ),
    );
  });

  it.each([
    ['by columns', 700, 512, { format: 'int4', blockSize: 32, zeroPoints: true }, {}],
    ['by columns', 700, 512, { format: 'int8', blockSize: 'row', scaleType: 'f32' }, {}],
    ['by columns', 700, 512, { format: 'e4m3', blockSize: 64 }, {}],
    ['by sums', 2, 80_000, { format: 'int4', blockSize: 32, zeroPoints: true }, {}],
    ['gated', 400, 256, { format: 'int4', blockSize: 32, zeroPoints: true }, { gated: true }],
    ['gated', 400, 256, { format: 'int8', blockSize: 'row', scaleType: 'f32' }, { gated: true }],
  ] as const)('quantised weights %s, %i x %i, %o', async (_, n, k, format, options) => {
    const data = Float32Array.from({ length: n * k }, (__, i) => Math.sin(i * 0.37) / 32);
    const run = async (each: Device): Promise<Float32Array> => {
      const weights = await quantize({ data, shape: [n, k], device: each }, format);
      return matmul(each.tensor(numbers(3 * k), [3, k]), weights, options).read();
    };
    const [got, want] = await Promise.all([run(device), run(cpu)]);
    expect(got.length).toBe(want.length);
    for (const [i, value] of want.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(1e-3);
  });

  it('but not rows of groups, which are known on the GPU alone', () => {
    expect(() => groupedMatmul(device.empty([200, 64]), device.empty([2, 64, 8]), [0, 100, 200])).toThrow(
      /binds 51200 bytes.*adapter allows 32768.*\n.*slices: .*have no groups\n/,
    );
  });
});
