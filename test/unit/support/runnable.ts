import { expect } from 'vitest';
import type { Operation } from '../../../src/kernels/define.ts';
import type { Capabilities } from '../../../src/runtime/capabilities.ts';
import { shaderKey } from '../../../src/wgsl/source.ts';
import lavapipe from '../../fixtures/capabilities/lavapipe.json' with { type: 'json' };

const software = lavapipe as unknown as Capabilities;

/** A data-centre GPU, one whose subgroups vary, and a browser without any that keeps to the specification's limits. */
export const DEVICES: Readonly<Record<string, Capabilities>> = {
  software,
  'subgroups of 32': { ...software, software: false, subgroups: { minSize: 32, maxSize: 32 } },
  'subgroups of 8 to 32': { ...software, software: false, subgroups: { minSize: 8, maxSize: 32 } },
  'no subgroups': {
    ...software,
    software: false,
    subgroups: undefined,
    limits: {
      ...software.limits,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
      maxComputeWorkgroupStorageSize: 16_384,
    },
  },
};

/** A heuristic must give a legal config whenever its kernel says that it can run, and a plan whose shaders can be composed. */
export function expectRunnable<P>(operation: Operation<P>, problem: P, caps: Capabilities): void {
  for (const kernel of operation.kernels) {
    if (kernel.supports(problem, caps) !== true) continue;
    const config = kernel.heuristic(problem, caps);
    expect(kernel.legal(config, problem, caps), `${kernel.name} ${JSON.stringify(config)}`).toBe(true);
    for (const pass of kernel.plan(problem, config, caps).passes) {
      // Throws where a constant is none that WGSL has.
      expect(shaderKey(pass.shader)).toContain('.wgsl');
      for (const count of pass.workgroups) {
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual(caps.limits.maxComputeWorkgroupsPerDimension);
      }
    }
  }
}
