import { beforeAll, describe, expect, it } from 'vitest';
import { samplingFor, PROFILES } from '../../bench/commands/profile.ts';
import { isSound, renderMeasurements } from '../../bench/report/measurements.ts';
import { defineWorkload, type Workload } from '../../bench/suites/workload.ts';
import { runWorkloads, type WorkloadResults } from '../../bench/suites/runWorkloads.ts';
import { softmaxChecker } from '../../bench/suites/softmax.ts';
import type { CheckedOperation } from '../../src/kernels/define.ts';
import { softmaxOperation } from '../../src/kernels/checked.ts';
import type { GpuDevice } from '../../src/node.ts';
import type { SoftmaxProblem } from '../../src/reference/softmax.ts';
import { testDevice } from './support/device.ts';

let device: GpuDevice;
beforeAll(async () => {
  device = await testDevice();
});

function workload(
  label: string,
  operation: CheckedOperation<SoftmaxProblem>,
  rows: readonly number[],
): Workload {
  return defineWorkload<SoftmaxProblem>({
    family: 'softmax',
    op: 'softmax',
    label,
    operation,
    problems: rows.map((outer) => ({ log: false, dtype: 'f32', outer, length: 100, inner: 1 })),
    checker: softmaxChecker,
    shape: ({ outer, length }) => ({ rows: outer, columns: length }),
    shapeText: ({ outer, length }) => `${outer} x ${length}`,
    unit: () => 'fp32',
    representative: false,
  });
}

/** Every kernel is wrong by comparison with it. */
const anotherReference: CheckedOperation<SoftmaxProblem> = {
  ...softmaxOperation,
  reference: (problem, inputs) =>
    softmaxOperation.reference(problem, inputs).map((values) => values.map((value) => value + 0.25)),
};

/** Its only kernel does not compile. */
const brokenShader: CheckedOperation<SoftmaxProblem> = {
  ...softmaxOperation,
  kernels: softmaxOperation.kernels.slice(-1).map((kernel) => ({
    ...kernel,
    plan: (problem, config, caps) => {
      const plan = kernel.plan(problem, config, caps);
      const parts = [{ path: 'test/broken.wgsl', code: 'fn main( {' }];
      return { ...plan, passes: plan.passes.map((pass) => ({ ...pass, shader: { ...pass.shader, parts } })) };
    },
  })),
};

function run(workloads: readonly Workload[], budgetMs: number): Promise<WorkloadResults> {
  const clock = { software: device.capabilities.software, clockStepNs: 1 };
  return runWorkloads(device, workloads, {
    ceilings: [],
    deadlineMs: performance.now() + budgetMs,
    seed: 1,
    maxCheckSteps: 1e6,
    minSamples: 3,
    sampling: (rowMs, firstRunNs) => samplingFor(PROFILES.quick, clock, rowMs, firstRunNs, undefined),
  });
}

describe('runWorkloads', () => {
  it('gives a wrong result no time, and goes on', async () => {
    const results = await run(
      [workload('wrong', anotherReference, [20]), workload('right', softmaxOperation, [20])],
      10_000,
    );
    const [wrong, right] = results.measurements;
    expect(wrong).toMatchObject({
      label: 'wrong',
      gpuTimeNs: null,
      wallTimeNs: null,
      gflops: null,
      bytesPerSecond: null,
      ceilingPercent: null,
      checked: { passed: false },
    });
    expect(wrong?.checked.maxError).toBeCloseTo(0.25);
    expect(right).toMatchObject({ label: 'right', checked: { passed: true } });
    expect(right?.gpuTimeNs?.median).toBeGreaterThan(0);
    expect(isSound(results)).toBe(false);
    expect(renderMeasurements(results.measurements, Infinity)).toMatch(/WRONG: off by 0\.25/);
  });

  it('lists a kernel that fails with what the adapter said, and goes on', async () => {
    const results = await run(
      [workload('broken', brokenShader, [20]), workload('right', softmaxOperation, [20])],
      10_000,
    );
    expect(results.leftOut).toMatchObject([
      { label: 'broken', failed: true, reason: expect.stringContaining('broken.wgsl') },
    ]);
    expect(results.measurements).toMatchObject([{ label: 'right', checked: { passed: true } }]);
    expect(isSound(results)).toBe(false);
  });

  it('runs a smaller shape where the meant one takes too long, and says which was meant', async () => {
    const { measurements } = await run([workload('large', softmaxOperation, [1e8, 1e6, 30])], 2000);
    expect(measurements).toMatchObject([
      { shape: { rows: 30, columns: 100 }, shapeText: '30 x 100', scaledDownFrom: '100000000 x 100' },
    ]);
  });

  it('leaves out what does not fit, with the reason, but runs one row of a family whatever it takes', async () => {
    const results = await run(
      [workload('first', softmaxOperation, [30]), workload('second', softmaxOperation, [30])],
      0,
    );
    expect(results.measurements).toMatchObject([{ label: 'first' }]);
    expect(results.leftOut).toMatchObject([{ label: 'second', failed: false, reason: 'the time was up' }]);
    expect(isSound(results)).toBe(true);
  });
});
