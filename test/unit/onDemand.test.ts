import { beforeEach, expect, it, vi } from 'vitest';
import type * as onDemandModule from '../../src/kernels/onDemand.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

let fresh: typeof onDemandModule;
beforeEach(async () => {
  vi.resetModules();
  fresh = await import('../../src/kernels/onDemand.ts');
});

const matrix = { componentType: 'f16', resultType: 'f32', m: 16, n: 16, k: 16 };
const device = (matrices: boolean, bindingBytes: number): Capabilities => ({
  ...(lavapipe as unknown as Capabilities),
  subgroupMatrixConfigs: matrices ? [matrix] : [],
  limits: { ...lavapipe.limits, maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: bindingBytes },
});

it('loads what a device has use for, once, and nothing else', async () => {
  const loads = {
    matrices: vi.fn<() => Promise<string>>(async () => 'matrices'),
    slices: vi.fn<() => Promise<string>>(async () => 'slices'),
  };
  const matrices = fresh.onDemand('matrices', loads.matrices);
  const slices = fresh.onDemand('slices', loads.slices);
  await fresh.loadFor(device(false, 2 ** 30));
  expect([matrices.code, slices.code]).toEqual([undefined, undefined]);
  await fresh.loadFor(device(false, 2 ** 27));
  expect([matrices.code, slices.code]).toEqual([undefined, 'slices']);
  await fresh.loadFor('all');
  expect([matrices.code, slices.code]).toEqual(['matrices', 'slices']);
  expect(loads.slices).toHaveBeenCalledOnce();
});

it('loads at once what is imported after a device that has use for it', async () => {
  await fresh.loadFor(device(true, 2 ** 30));
  const late = fresh.onDemand('matrices', async () => 'here');
  await vi.waitFor(() => expect(late.code).toBe('here'));
});

it('has a kernel that is passed over, with the reason, until it is loaded', async () => {
  const kernel = fresh.kernelOnDemand<string>(
    'op/late',
    'matrices',
    async () => ({
      name: 'op/late',
      parts: [],
      space: { size: [1, 2] },
      supports: () => true,
      legal: () => true,
      heuristic: () => ({ size: 2 }),
      plan: () => ({ passes: [], scratchBytes: [] }),
    }),
    'there are no matrices',
  );
  const caps = device(true, 2 ** 30);
  expect(kernel.supports('problem', caps)).toBe('there are no matrices');
  expect(kernel.space).toEqual({});
  expect(() => kernel.parts).toThrow('op/late has not been loaded');
  await fresh.loadFor(caps);
  expect(kernel.supports('problem', caps)).toBe(true);
  expect(kernel.worthwhile!('problem', caps)).toBe(true);
  expect(kernel.heuristic('problem', caps)).toEqual({ size: 2 });
  expect(kernel.space).toEqual({ size: [1, 2] });
});
