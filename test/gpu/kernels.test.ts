import { beforeAll, describe, expect, it } from 'vitest';
import { registry } from '../../src/kernels/registry.ts';
import type { GpuDevice } from '../../src/node.ts';
import { checkCase } from './support/checkCase.ts';
import { casesAtCorner, corners } from './support/corners.ts';
import { testDevice } from './support/device.ts';

describe.each(registry)('$operation.name', ({ operation, cases }) => {
  describe.each(operation.kernels)('$name', (kernel) => {
    let device: GpuDevice;
    let checkedDevice: GpuDevice;
    beforeAll(async () => {
      device = await testDevice();
      checkedDevice = await testDevice({ checked: true });
    });

    it.each(cases)('$name', async (testCase) => {
      const { problem } = testCase;
      const supported = kernel.supports(problem, device.capabilities);
      if (supported !== true) {
        expect(supported.length, 'a kernel that declines says why').toBeGreaterThan(10);
        return;
      }
      const config = kernel.heuristic(problem, device.capabilities);
      expect(kernel.legal(config, problem, device.capabilities), 'the heuristic config is legal').toBe(true);
      await checkCase(device, operation, kernel, testCase, config);
      await checkCase(checkedDevice, operation, kernel, testCase, config);
    });

    it.each(corners(kernel.space).map((config, corner) => ({ config, corner })))(
      'at the corner $config',
      async ({ config, corner }) => {
        for (const testCase of casesAtCorner(cases, corner, corners(kernel.space).length)) {
          const { problem } = testCase;
          if (kernel.supports(problem, device.capabilities) !== true) continue;
          if (kernel.legal(config, problem, device.capabilities))
            await checkCase(device, operation, kernel, testCase, config);
        }
      },
    );
  });
});
