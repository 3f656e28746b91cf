// The least that WebGPU promises: no features, and the limits that every adapter has. Every operation runs there.
import { create } from 'webgpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case, CheckedOperation } from '../../src/kernels/define.ts';
import { registry } from '../../src/kernels/registry.ts';
import { matmul, openDevice, sum, type GpuDevice } from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { checkCase } from './support/checkCase.ts';
import { evenShare } from './support/corners.ts';

// It has to outlive the device.
const gpu = create([]);
let own: GPUDevice;
let device: GpuDevice;
beforeAll(async () => {
  own = await (await gpu.requestAdapter())!.requestDevice();
  device = await openDevice({ gpuDevice: own });
});
afterAll(() => {
  device.destroy();
  own.destroy();
});

/** Compiling the shaders is what takes the time. */
const CASES_PER_OPERATION = 4;

function representable(operation: CheckedOperation<unknown>, { problem }: Case<unknown>): boolean {
  return [...operation.inputs(problem), ...operation.outputs(problem)].every(({ dtype }) => dtype !== 'f16');
}

const operandCount = (operation: CheckedOperation<unknown>, problem: unknown): number =>
  operation.inputs(problem).length + operation.outputs(problem).length;

it('has the default limits, which are far below those of the adapter', () => {
  expect(device.capabilities.limits).toMatchObject({
    maxStorageBufferBindingSize: 128 * 1024 * 1024,
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
  });
  expect(device.capabilities).toMatchObject({ f16: false, subgroups: undefined, timestampQuery: false });
});

it('reduces and multiplies a tensor larger than it can bind', async () => {
  const [rows, columns] = [34, 2 ** 20];
  const numbers = new Float32Array(rows * columns);
  const totals = new Float32Array(rows);
  const squares = new Float32Array(rows);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = (i % 7) - 3;
    totals[Math.floor(i / columns)]! += numbers[i]!;
    squares[Math.floor(i / columns)]! += numbers[i]! ** 2;
  }
  const x = device.tensor(numbers, [rows, columns]);
  expect(await sum(x, { axes: 1 }).read()).toEqual(totals);
  expect([...(await sum(x).read())]).toEqual([totals.reduce((a, b) => a + b, 0)]);
  const products = await matmul(x, x, { transposeB: true }).read();
  expect(products.filter((_, i) => i % (rows + 1) === 0)).toEqual(squares);
  x.dispose();
  expect(() => device.empty([2 ** 27])).toThrow('this adapter has at most 268435456');
});

describe.each(registry)('$operation.name', ({ operation, cases }) => {
  const possible = cases.filter((testCase) => representable(operation, testCase));

  it('has a kernel for every problem, unless it has more operands than can be bound', () => {
    for (const { problem } of possible) {
      try {
        const { kernel, config } = select(operation, problem, device.capabilities);
        expect(kernel.legal(config, problem, device.capabilities)).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /needs \d+ storage buffers at once, and the adapter allows 8$/,
        );
        expect(operandCount(operation, problem)).toBeGreaterThanOrEqual(8);
        // Attention joins the small ones of its operands.
        expect(operation.name).not.toMatch(/^attention/);
      }
    }
  });

  const crowded = possible.filter(({ problem }) => operandCount(operation, problem) > 8);

  it.each(operation.name.startsWith('attention') ? crowded : [])(
    '$name, on every kernel',
    async (testCase) => {
      const { problem } = testCase;
      for (const kernel of operation.kernels) {
        if (kernel.supports(problem, device.capabilities) !== true) continue;
        const config = kernel.heuristic(problem, device.capabilities);
        const { passes } = kernel.plan(problem, config, device.capabilities);
        expect(Math.max(...passes.map(({ bindings }) => bindings.length))).toBeLessThanOrEqual(8);
        await checkCase(device, operation, kernel, testCase, config);
      }
    },
  );

  it.each(evenShare(possible, CASES_PER_OPERATION, 0))('$name', async (testCase) => {
    const { problem } = testCase;
    if (operandCount(operation, problem) >= 8) return;
    const { kernel, config } = select(operation, problem, device.capabilities);
    await checkCase(device, operation, kernel, testCase, config);
  });
});
