import { describe, expect, it } from 'vitest';
import { mlpOperation } from '../../bench/suites/mlp.ts';
import type { Case } from '../../src/kernels/define.ts';
import { checkCase } from './support/checkCase.ts';
import { testDevice } from './support/device.ts';

describe.each([
  { dtype: 'f32', tokens: 1, hidden: 64, feedForward: 80 },
  { dtype: 'f16', tokens: 5, hidden: 72, feedForward: 37 },
  { dtype: 'f16', tokens: 40, hidden: 64, feedForward: 96 },
] as const)('the feed-forward block of the benchmark, %j', (shape) => {
  it.each([true, false])('fused: %s', async (fused) => {
    const device = await testDevice();
    const problem = { ...shape, fused };
    const kernel = mlpOperation.kernels.find(
      (candidate) => candidate.supports(problem, device.capabilities) === true,
    )!;
    const testCase: Case<unknown> = { name: JSON.stringify(problem), problem };
    await checkCase(device, mlpOperation, kernel, testCase, {});
    const { passes } = kernel.plan(problem, {}, device.capabilities);
    expect(passes).toHaveLength(fused ? 2 : 4);
  });
});
