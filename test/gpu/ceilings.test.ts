// The ceilings as a user calls them: the same results on a GPU as on the CPU path, which the shaders' loops cannot skip.
import { beforeAll, describe, expect, it } from 'vitest';
import { copyVectors, matrixMultiplyAddChain, multiplyAddChain, readVectors } from '../../src/ceilings.ts';
import { explain, openDevice, type Device, type GpuDevice, type Tensor } from '../../src/node.ts';
import { testDevice } from './support/device.ts';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await testDevice();
});

const words = (count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, index) => index * 2654435761);
const floats = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => (index % 17) / 8 - 1);

async function onBoth(run: (device: Device) => Tensor): Promise<[number[], number[]]> {
  const cpu = await openDevice({ backend: 'cpu' });
  return [[...(await run(gpu).read())], [...(await run(cpu).read())]];
}

describe('ceilings', () => {
  it('copy and read every bit', async () => {
    const [copied, source] = await onBoth((device) =>
      copyVectors(device.tensor(words(4 * 513), [513, 4], 'u32')),
    );
    expect(copied).toEqual(source);
    const [joined, expected] = await onBoth((device) =>
      readVectors(device.tensor(words(8 * 77 * 4), [8, 77, 4], 'u32')),
    );
    expect(joined).toEqual(expected);
  });

  it('do all of the arithmetic', async () => {
    const [sums, expected] = await onBoth((device) =>
      multiplyAddChain(device.tensor(floats(3 * 32), [3, 8, 4]), { rounds: 5 }),
    );
    for (const [index, sum] of sums.entries()) expect(sum).toBeCloseTo(expected[index]!, 4);
    const x = gpu.tensor(floats(32), [1, 8, 4]);
    expect(explain(multiplyAddChain, x, { rounds: 5 }).flops).toBe(2 * 32 * 16 * 5);
  });

  it('multiply matrices where the adapter has them', async () => {
    const config = gpu.capabilities.subgroupMatrixConfigs.find(
      ({ componentType, resultType }) => componentType === 'f16' && resultType === 'f32',
    );
    if (!config) return;
    const { m, n, k } = config;
    const [sums, expected] = await onBoth((device) =>
      matrixMultiplyAddChain(
        device.tensor(floats(m * k), [m, k], 'f16'),
        device.tensor(floats(k * n), [k, n], 'f16'),
        device.tensor(floats(8 * m * n), [1, 8, m, n]),
        { rounds: 2 },
      ),
    );
    for (const [index, sum] of sums.entries()) expect(sum).toBeCloseTo(expected[index]!, 2);
  });

  it('refuse operands that do not fit', () => {
    const x = gpu.tensor(words(12), [3, 4], 'u32');
    expect(() => readVectors(x)).toThrow(/an operand is \[3, 4\], expected \[any, any, 4\]/);
    expect(() => readVectors(gpu.tensor(words(24), [3, 2, 4], 'u32'))).toThrow(/multiple of 4/);
    expect(() => copyVectors(gpu.tensor([1, 2, 3, 4], [1, 4]) as never)).toThrow(/takes u32, got f32/);
    expect(() => multiplyAddChain(gpu.tensor(floats(32), [1, 8, 4]), { rounds: 0.5 })).toThrow(
      /whole number/,
    );
  });
});

describe('explain', () => {
  it('lists every kernel of the operation with its space, and why some cannot run', () => {
    const x = gpu.tensor(words(8), [2, 4], 'u32');
    const { candidates, kernel, config } = explain(copyVectors, x);
    expect(candidates).toMatchObject([
      { kernel, supports: true, space: { perInvocation: [1, 2, 4, 8] }, heuristic: config },
    ]);
    expect(explain(copyVectors, x, { kernel, config: { perInvocation: 8 } }).config).toEqual({
      perInvocation: 8,
    });
  });
});
