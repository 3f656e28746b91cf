import type { Config, CheckedOperation } from '../../src/kernels/define.ts';
import type { Device } from '../../src/node.ts';
import type { KernelChoice } from '../../src/ops/select.ts';
import { checkOutput, type Check, type Checker } from './check.ts';
import { sampleGraph, type Sampled, type SamplingOptions } from './sampling.ts';
import { durationNs, timeGraph } from './timing.ts';
import { prepareTrial, type ArithmeticPath } from './trial.ts';

/** An operation at one problem, checked and, if it is right, timed. */
export interface Measured {
  readonly kernel: string;
  readonly config: Config;
  readonly reason: string;
  readonly passedOver: readonly { readonly kernel: string; readonly why: string }[];
  readonly arithmetic: ArithmeticPath;
  readonly dispatches: number;
  readonly check: Check;
  /** Undefined where the result was wrong: how fast a wrong result comes is of no interest. */
  readonly timing: Sampled | undefined;
}

export interface MeasureOptions {
  readonly seed: number;
  readonly choice?: KernelChoice;
  /** Steps of the CPU path that the check may take. */
  readonly maxCheckSteps: number;
  /** How to sample, given how long the first run took. */
  readonly sampling: (firstRunNs: number) => SamplingOptions;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an operation once, checks the result, and then measures its time.
 *
 * @throws what the library throws for problems and devices that do not fit, and the signal's reason when interrupted
 */
export async function measureProblem<P>(
  device: Device,
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
  { seed, choice, maxCheckSteps, sampling, signal }: MeasureOptions,
): Promise<Measured> {
  const trial = prepareTrial(device, operation, problem, { seed, ...(choice && { choice }) });
  try {
    const first = await timeGraph(device, trial.graph, 1);
    signal?.throwIfAborted();
    const outputs = await Promise.all(trial.outputs.map((output) => output.read()));
    const { kernel, config, reason, passedOver, arithmetic, dispatches, operands } = trial;
    const check: Check =
      device.backend === 'cpu'
        ? { passed: true, maxError: 0, tolerance: 0, method: 'this is the CPU path itself' }
        : checkOutput(operation, checker, problem, operands, outputs, { maxSteps: maxCheckSteps, seed });
    signal?.throwIfAborted();
    const timing = check.passed
      ? await sampleGraph(device, trial.graph, sampling(durationNs(first)))
      : undefined;
    return { kernel, config, reason, passedOver, arithmetic, dispatches, check, timing };
  } finally {
    trial[Symbol.dispose]();
  }
}
