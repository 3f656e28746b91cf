import { beforeAll, describe, expect, it } from 'vitest';
import { registry, type Registered } from '../../../src/kernels/registry.ts';
import type { GpuDevice } from '../../../src/node.ts';
import { checkCase } from './checkCase.ts';
import { casesAtCorner, corners } from './corners.ts';
import { testDevice } from './device.ts';

/** Families of operations, each in a test file of its own, so that files run side by side: compiling shaders takes the time. */
const FAMILIES = {
  matmul: /^(matmul|gate|convert)$/,
  attention: /^(attention|attentionBackward|writeRows)$/,
  rows: /^(reduction|softmax|norm)/,
} as const;

type Family = keyof typeof FAMILIES | 'others';

function familyOf({ operation }: Registered<unknown>): Family {
  const [family] = Object.entries(FAMILIES).find(([, names]) => names.test(operation.name)) ?? ['others'];
  return family as Family;
}

/** Tests every kernel of a family on every case, with Dawn's checks off and on, and at the corners of its space. */
export function testKernels(family: Family): void {
  const members = registry.filter((registered) => familyOf(registered) === family);
  describe.each(members)('$operation.name', (member) => {
    testOperation(member);
  });
}

function testOperation({ operation, cases }: Registered<unknown>): void {
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
}
