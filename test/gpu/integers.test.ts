import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import { matmulOperation } from '../../src/kernels/checked.ts';
import { ArgumentError, DTypeError, matmul, openDevice, type Device, type Tensor } from '../../src/node.ts';
import type { GpuDevice } from '../../src/node.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { testDevice } from './support/device.ts';
import { runGuarded } from './support/guarded.ts';

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

describe('sums of integers', () => {
  it.each(matmulOperation.kernels)('wrap around at 2^31 in $name, over slices of k too', async (kernel) => {
    const k = 2 ** 17;
    // Either the lines of b run along k or along n: each of the kernels for few rows takes one of them.
    for (const transposeB of [true, false]) {
      const problem = matmulProblem(1, 1, k, { dtype: 'i32', transposeA: !transposeB, transposeB });
      if (kernel.supports(problem, device.capabilities) !== true) continue;
      const extremes = (index: number) => ({
        spec: matmulOperation.inputs(problem)[index]!,
        values: new Float64Array(k).fill(-128),
      });
      const config = {
        ...kernel.heuristic(problem, device.capabilities),
        ...(kernel.space['splitK'] && { splitK: 16 }),
      };
      const plan = kernel.plan(problem, config, device.capabilities);
      const run = await runGuarded(
        device,
        plan,
        [extremes(0), extremes(1)],
        matmulOperation.outputs(problem),
      );
      expect(run).toMatchObject({ damagedWords: 0, outputs: [Float64Array.of(-(2 ** 31))] });
    }
  });

  it.each([
    ['tiled', matmulProblem(33, 37, 40, { dtype: 'i32' })],
    ['vectorDot', matmulProblem(2, 37, 40, { dtype: 'i32', transposeB: true })],
    ['vectorAxpy', matmulProblem(2, 37, 40, { dtype: 'i32' })],
  ] as const)('need no packed dot products in %s', async (name, problem) => {
    const without: Capabilities = { ...device.capabilities, wgslFeatures: [] };
    const kernel = matmulOperation.kernels.find((candidate) => candidate.name === `matmul/${name}`)!;
    const inputs = matmulOperation
      .inputs(problem)
      .map((spec, index) => ({ spec, values: randomElements(spec, 1 + index) }));
    const [expected] = matmulOperation.reference(
      problem,
      inputs.map(({ values }) => values),
    );
    const plan = kernel.plan(problem, kernel.heuristic(problem, without), without);
    const run = await runGuarded(device, plan, inputs, matmulOperation.outputs(problem));
    expect(run).toMatchObject({ damagedWords: 0, outputs: [expected] });
  });
});

describe('matmul of i8', () => {
  const a = [1, -2, 3, 4, -5, 127];
  const b = [1, 0, -2, 0, 1, -128];

  it('gives the sums as i32', async () => {
    const c = matmul(device.tensor(a, [2, 3], 'i8'), device.tensor(b, [3, 2], 'i8'));
    expectTypeOf(c).toEqualTypeOf<Tensor<'i32'>>();
    expect(c.dtype).toBe('i32');
    // [1 -2 3; 4 -5 127] [1 0; -2 0; 1 -128]
    expect(await c.read()).toEqual(Int32Array.of(8, -384, 141, -16256));
  });

  it('gives floats where asked, scaled by row and by column, of views too, as the CPU path does', async () => {
    const cpu = await openDevice({ backend: 'cpu' });
    const run = async (on: Device): Promise<Float32Array> => {
      const x = on.tensor(randomElements({ shape: [60], dtype: 'i8' }, 1), [5, 12], 'i8');
      const w = on.tensor(randomElements({ shape: [12 * 9], dtype: 'i8' }, 2), [12, 9], 'i8');
      const c = matmul(x.slice(1, 1, 8), w.slice(0, 3, 10), {
        dtype: 'f32',
        scaleA: on.tensor([0.5, 1, 2, 4, 8], [5]),
        scaleB: on
          .tensor(
            new Float32Array(18).map((_, j) => j),
            [18],
          )
          .slice(0, 9, 18),
      });
      expectTypeOf(c).toEqualTypeOf<Tensor<'f32'>>();
      return c.read();
    };
    expect(await run(device)).toEqual(await run(cpu));
  });

  it('says what does not go together', () => {
    const i8 = device.tensor(a, [2, 3], 'i8');
    const bytes = device.tensor(b, [3, 2], 'i8');
    const floats = device.tensor(b, [3, 2]);
    const bias = device.tensor([1, 2], [2]);
    expect(() => matmul(i8, floats)).toThrow(/i8 and f32 do not go together/);
    expect(() => matmul(floats, i8)).toThrow(DTypeError);
    expect(() => matmul(floats, floats, { transposeA: true, dtype: 'i32' })).toThrow(
      /dtype must be "f32" or "f16"/,
    );
    expect(() => matmul(i8, bytes, { accumulate: 'f16' })).toThrow(DTypeError);
    expect(() => matmul(i8, bytes, { bias, alpha: 2 })).toThrow(ArgumentError);
    expect(() => matmul(i8, bytes, { bias, alpha: 2 })).toThrow(/without alpha, bias; dtype f32 or f16/);
    expect(() => matmul(i8, bytes, { dtype: 'f32', scaleA: bias.reshape([2, 1]) })).toThrow(
      /scaleA must have shape \[2\], got \[2, 1\]/,
    );
  });
});
