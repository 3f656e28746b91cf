import { expect } from 'vitest';
import { compare } from '../../../bench/measure/compare.ts';
import { randomElements } from '../../../bench/measure/inputs.ts';
import type { Case, Config, Kernel, CheckedOperation } from '../../../src/kernels/define.ts';
import type { Capabilities, GpuDevice } from '../../../src/node.ts';
import { poisoned, runGuarded } from './guarded.ts';

/** Inputs of a case with what the reference makes of them: computed once, used by every kernel. */
interface Prepared {
  readonly inputs: readonly Float64Array[];
  readonly expected: readonly Float64Array[];
  readonly bounds: readonly Float64Array[];
}

const preparedCases = new Map<Case<unknown>, Prepared>();

function prepare(operation: CheckedOperation<unknown>, testCase: Case<unknown>): Prepared {
  const existing = preparedCases.get(testCase);
  if (existing) return existing;
  const { problem, distribution, given } = testCase;
  const inputs = operation
    .inputs(problem)
    .map((spec, index) =>
      given?.[index] ? Float64Array.from(given[index]) : randomElements(spec, 1 + index, distribution),
    );
  const expected = operation.reference(problem, inputs, operation.outputs(problem).map(poisoned));
  const prepared = { inputs, expected, bounds: operation.errorBound(problem, inputs, expected) };
  preparedCases.set(testCase, prepared);
  return prepared;
}

/**
 * Runs a kernel on a case and expects what the reference gives, within the operation's bound, and no write outside of the
 * buffers.
 *
 * @param caps what the plan is made for, where that is not the device itself
 */
export async function checkCase(
  device: GpuDevice,
  operation: CheckedOperation<unknown>,
  kernel: Kernel<unknown>,
  testCase: Case<unknown>,
  config: Config,
  caps: Capabilities = device.capabilities,
): Promise<void> {
  const { problem } = testCase;
  const { inputs, expected, bounds } = prepare(operation, testCase);
  const specs = operation.inputs(problem);
  const outputs = operation.outputs(problem);
  const plan = kernel.plan(problem, config, caps);
  const run = await runGuarded(
    device,
    plan,
    specs.map((spec, index) => ({ spec, values: inputs[index]! })),
    outputs,
  );
  const where = `${testCase.name} with ${JSON.stringify(config)}`;
  expect(run.damagedWords, `words written outside the buffers: ${where}`).toBe(0);
  for (const [index, spec] of outputs.entries()) {
    const comparison = compare(run.outputs[index]!, expected[index]!, bounds[index]!, spec.dtype);
    expect(comparison, where).toMatchObject({ passed: true });
  }
}
