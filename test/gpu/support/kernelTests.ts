import { beforeAll, describe, expect, it } from 'vitest';
import { registry, type Registered } from '../../../src/kernels/registry.ts';
import type { Case, Config, Kernel } from '../../../src/kernels/define.ts';
import type { Capabilities, GpuDevice } from '../../../src/node.ts';
import { shaderKey } from '../../../src/wgsl/source.ts';
import { checkCase } from './checkCase.ts';
import { casesAtCorner, corners, evenShare } from './corners.ts';
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

    it('as hardware would run it', async () => {
      const hardware = { ...device.capabilities, software: false };
      const others = casesOfOtherShaders(kernel, cases, device.capabilities, hardware);
      for (const { testCase, config } of evenShare(others, HARDWARE_RUNS, 0))
        await checkCase(device, operation, kernel, testCase, config, hardware);
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

/** Runs of a kernel's plans for hardware: each has a shader of its own to compile. */
const HARDWARE_RUNS = 8;

/**
 * The cases for which a kernel has other shaders on hardware than on a software adapter with the same features: tests on
 * that adapter would never see them. No shader is there twice.
 */
function casesOfOtherShaders(
  kernel: Kernel<unknown>,
  cases: readonly Case<unknown>[],
  software: Capabilities,
  hardware: Capabilities,
): { readonly testCase: Case<unknown>; readonly config: Config }[] {
  const possible = cases.filter(({ problem }) => kernel.supports(problem, software) === true);
  const shadersOf = (problem: unknown, config: Config, caps: Capabilities): string[] =>
    kernel.plan(problem, config, caps).passes.map(({ shader }) => shaderKey(shader));
  const seen = new Set(
    possible.flatMap(({ problem }) => shadersOf(problem, kernel.heuristic(problem, software), software)),
  );
  return possible.flatMap((testCase) => {
    const { problem } = testCase;
    const config = kernel.heuristic(problem, hardware);
    const shaders = shadersOf(problem, config, hardware).filter((key) => !seen.has(key));
    for (const key of shaders) seen.add(key);
    return shaders.length > 0 ? [{ testCase, config }] : [];
  });
}
