import { beforeAll, describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import type { Case, Config, Kernel, Operation, Space } from '../../src/kernels/define.ts';
import { registry } from '../../src/kernels/registry.ts';
import type { GpuDevice } from '../../src/node.ts';
import { runGuarded } from './support/guarded.ts';
import { testDevice } from './support/device.ts';

/** Inputs of a case with what the reference makes of them: computed once, used by every kernel. */
interface Prepared {
  readonly inputs: readonly Float64Array[];
  readonly expected: readonly Float64Array[];
  readonly bounds: readonly Float64Array[];
}

const preparedCases = new Map<Case<unknown>, Prepared>();

function prepare(operation: Operation<unknown>, testCase: Case<unknown>): Prepared {
  const existing = preparedCases.get(testCase);
  if (existing) return existing;
  const { problem, distribution } = testCase;
  const inputs = operation
    .inputs(problem)
    .map((spec, index) => randomElements(spec, 1 + index, distribution));
  const expected = operation.reference(problem, inputs);
  const prepared = { inputs, expected, bounds: operation.errorBound(problem, inputs, expected) };
  preparedCases.set(testCase, prepared);
  return prepared;
}

/** Every combination of the smallest and the largest value of each tuning parameter; none where there is no parameter. */
function corners(space: Space<Config>): Config[] {
  if (Object.keys(space).length === 0) return [];
  return Object.entries(space).reduce<Config[]>(
    (configs, [name, values]) => {
      const ends = [...new Set([values[0]!, values.at(-1)!])];
      return configs.flatMap((config) => ends.map((value) => ({ ...config, [name]: value })));
    },
    [{}],
  );
}

async function check(
  device: GpuDevice,
  operation: Operation<unknown>,
  kernel: Kernel<unknown>,
  testCase: Case<unknown>,
  config: Config,
): Promise<void> {
  const { problem } = testCase;
  const { inputs, expected, bounds } = prepare(operation, testCase);
  const specs = operation.inputs(problem);
  const outputs = operation.outputs(problem);
  const plan = kernel.plan(problem, config, device.capabilities);
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
      await check(device, operation, kernel, testCase, config);
      await check(checkedDevice, operation, kernel, testCase, config);
    });

    it.each(corners(kernel.space).map((config) => ({ config })))(
      'at the corner $config',
      async ({ config }) => {
        for (const testCase of cases) {
          const { problem } = testCase;
          if (kernel.supports(problem, device.capabilities) !== true) continue;
          if (kernel.legal(config, problem, device.capabilities))
            await check(device, operation, kernel, testCase, config);
        }
      },
    );
  });
});
