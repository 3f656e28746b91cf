import { describe, expect, it } from 'vitest';
import { checkOutput } from '../../bench/measure/check.ts';
import { Operand } from '../../bench/measure/operand.ts';
import { allWorkloads, LLAMA_3_1_8B } from '../../bench/suites/index.ts';
import { workloadsToTune } from '../../bench/tune/tasks.ts';
import { registry } from '../../src/kernels/registry.ts';

const model = {
  ...LLAMA_3_1_8B,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  hidden: 128,
  feedForward: 256,
  vocabulary: 999,
};

it.each([true, false])('every operation can be tuned, with half precision: %s', (halfPrecision) => {
  const workloads = workloadsToTune(allWorkloads(LLAMA_3_1_8B, halfPrecision, 'full'));
  const tuned = new Set(workloads.map(({ operation }) => operation.name));
  expect(registry.map(({ operation }) => operation.name).filter((name) => !tuned.has(name))).toEqual([]);
});

/** The smallest problem of each workload of a small model, with operands and what the CPU path makes of them. */
const small = allWorkloads(model, true, 'full')
  .filter(({ operation }) => registry.some((entry) => entry.operation.name === operation.name))
  .map((workload) => {
    const problem = workload.problems.at(-1);
    return { ...workload, problem, name: `${workload.op} ${workload.label} ${workload.shapeText(problem)}` };
  })
  .filter(({ checker, problem }) => checker.referenceSteps(problem) < 1e8);

describe.each(small)('$name', ({ operation, checker, problem }) => {
  const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, 1 + index));
  const expected = operation.reference(
    problem,
    operands.map((operand) => operand.values()),
  );
  const check = (outputs: readonly ArrayLike<number>[], maxSteps: number) =>
    checkOutput(operation, checker, problem, operands, outputs, { maxSteps, seed: 1 });

  it('passes where it is right, whole and sampled', () => {
    expect(check(expected, Infinity)).toMatchObject({ passed: true, method: 'every element' });
    expect(check(expected, 2000)).toMatchObject({ passed: true });
  });

  it('is caught where it is wrong', () => {
    const wrong = expected.map((values) => values.map((value) => value + 1000));
    expect(check(wrong, Infinity).passed).toBe(false);
    expect(check(wrong, 2000).passed).toBe(false);
  });
});
