import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import type { CheckedOperation } from '../../src/kernels/define.ts';
import {
  copyOperation,
  fmaChainOperation,
  matrixChainOperation,
  readOperation,
  writeOperation,
} from '../../src/kernels/checked.ts';
import { matrixSum } from '../../src/kernels/ceiling/contract.ts';
import type { GpuDevice } from '../../src/node.ts';
import { testDevice } from './support/device.ts';
import { runGuarded } from './support/guarded.ts';

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

async function check<P>(
  operation: CheckedOperation<P>,
  problem: P,
  configs: readonly Record<string, number>[],
) {
  const [kernel] = operation.kernels;
  const inputs = operation
    .inputs(problem)
    .map((spec, index) => ({ spec, values: randomElements(spec, index) }));
  const values = inputs.map((operand) => operand.values);
  const expected = operation.reference(problem, values);
  const bounds = operation.errorBound(problem, values, expected);
  for (const config of configs) {
    const plan = kernel!.plan(problem, config, device.capabilities);
    const run = await runGuarded(device, plan, inputs, operation.outputs(problem));
    expect(run.damagedWords).toBe(0);
    const { dtype } = operation.outputs(problem)[0]!;
    expect(compare(run.outputs[0]!, expected[0]!, bounds[0]!, dtype)).toMatchObject({ passed: true });
  }
}

// Their speed is what percentages are of: one that skipped work would make every kernel look bad.
describe('the ceilings do what they are timed for', () => {
  it.each([1, 255, 1024, 1025, 5000])('a copy of %d vectors', async (vectors) => {
    await check(
      copyOperation,
      { vectors },
      [1, 2, 4, 8].map((perInvocation) => ({ perInvocation })),
    );
  });

  it.each([1, 257, 5000])('a write of %d vectors', async (vectors) => {
    const configs = [1, 2, 4, 8].map((perInvocation) => ({ perInvocation }));
    await check(writeOperation, { vectors, value: 0x5aa5c33c }, configs);
  });

  it.each([
    [1, 4, 1],
    [1, 32, 257],
    [1, 8, 1024],
    [65, 8, 4],
    [3, 128, 100],
  ])('reads of %d runs, %d vectors by each of %d invocations', async (runs, perInvocation, neighbours) => {
    await check(readOperation, { runs, perInvocation, neighbours }, [{}]);
  });

  it.each([
    [1, 1],
    [255, 3],
    [257, 40],
  ])('multiply-adds in %d invocations, %d rounds', async (invocations, rounds) => {
    await check(fmaChainOperation, { invocations, rounds, dtype: 'f32' }, [{}]);
    if (device.capabilities.f16) await check(fmaChainOperation, { invocations, rounds, dtype: 'f16' }, [{}]);
    if (device.capabilities.wgslFeatures.includes('packed_4x8_integer_dot_product'))
      await check(fmaChainOperation, { invocations, rounds, dtype: 'i8' }, [{}]);
  });

  it.each(['f16', 'i8'] as const)('products of every kind of subgroup matrix of %s', async (component) => {
    const { subgroupMatrixConfigs } = device.capabilities;
    for (const { componentType, resultType, m, n, k } of subgroupMatrixConfigs) {
      if (componentType !== component || resultType !== matrixSum({ component })) continue;
      for (const subgroups of [1, 4, 9]) {
        const configs = [1, 4, 8].map((subgroupsPerWorkgroup) => ({ subgroupsPerWorkgroup }));
        await check(matrixChainOperation, { m, n, k, component, subgroups, rounds: 5 }, configs);
      }
    }
  });
});
