// The library in a real browser. Chromium's software adapter has no half precision, subgroups of four, workgroups of at
// most 256 invocations and the bounds checks that every browser has: the opposite corner from the adapters of test/gpu.
import { afterAll, describe, expect, it } from 'vitest';
import type { Case, Operation } from '../../../src/kernels/define.ts';
import { registry } from '../../../src/kernels/registry.ts';
import { DTypeError, openDevice, type GpuDevice } from '../../../src/index.ts';
import { checkCase } from '../../gpu/support/checkCase.ts';
import { casesAtCorner, corners } from '../../gpu/support/corners.ts';

// Opened before the cases are listed, because the adapter decides which of them can run.
const device = (await openDevice()) as GpuDevice;
afterAll(() => device.destroy());

/** At each corner of a space one case runs, and not the smallest: compiling its shader is what takes the time here. */
const LEAST_FLOPS = 10_000;

/** Whether the adapter has the data types of a case at all. */
function representable(operation: Operation<unknown>, { problem }: Case<unknown>): boolean {
  const specs = [...operation.inputs(problem), ...operation.outputs(problem)];
  return device.capabilities.f16 || specs.every(({ dtype }) => dtype !== 'f16');
}

it('says plainly that a data type is missing', () => {
  if (device.capabilities.f16) return;
  expect(() => device.empty([1], 'f16')).toThrow(DTypeError);
  expect(() => device.empty([1], 'f16')).toThrow(/no half precision.*use f32/);
});

describe.each(registry)('$operation.name', ({ operation, cases }) => {
  describe.each(operation.kernels)('$name', (kernel) => {
    it.each(cases.filter((testCase) => representable(operation, testCase)))('$name', async (testCase) => {
      const { problem } = testCase;
      const supported = kernel.supports(problem, device.capabilities);
      if (supported !== true) {
        expect(supported.length, 'a kernel that declines says why').toBeGreaterThan(10);
        return;
      }
      const config = kernel.heuristic(problem, device.capabilities);
      expect(kernel.legal(config, problem, device.capabilities), 'the heuristic config is legal').toBe(true);
      await checkCase(device, operation, kernel, testCase, config);
    });

    it.each(corners(kernel.space).map((config, corner) => ({ config, corner })))(
      'at the corner $config',
      async ({ config, corner }) => {
        const testCase = casesAtCorner(cases, corner, corners(kernel.space).length).find(
          (candidate) =>
            representable(operation, candidate) &&
            operation.flops(candidate.problem) >= LEAST_FLOPS &&
            kernel.supports(candidate.problem, device.capabilities) === true &&
            kernel.legal(config, candidate.problem, device.capabilities),
        );
        if (testCase) await checkCase(device, operation, kernel, testCase, config);
      },
    );
  });
});
