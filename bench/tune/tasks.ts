import { DeviceLostError, OutOfMemoryError, UnsupportedError } from '../../src/errors.ts';
import type { GpuDevice } from '../../src/index.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { candidatesChecksum } from '../../src/tuning/checksum.ts';
import { classOf, gpuKey } from '../../src/tuning/records.ts';
import { durationNs, timeGraph } from '../measure/timing.ts';
import { prepareTrial } from '../measure/trial.ts';
import type { Workload } from '../suites/index.ts';
import type { DeviceKeeper } from './deviceKeeper.ts';

/** What of a workload the tuner needs. */
export type Tunable<P = unknown> = Pick<Workload<P>, 'operation' | 'problems' | 'checker' | 'shapeText'>;

/** Runs of a candidate, about: the one that is checked, one to warm up, samples, and its part in the comparison of the best. */
const RUNS = 10;

/** Candidates that a task should have time for. */
const CANDIDATES = 40;

/**
 * One workload a class of problems (operation, data type, class of shapes): of those of one class that which stands for others, or
 * the first. Compositions of operations have nothing to tune of their own.
 */
export function workloadsToTune(workloads: readonly Workload[]): readonly Workload[] {
  const byClass = new Map<string, Workload>();
  for (const workload of workloads) {
    const { operation, problems, representative } = workload;
    if (operation.kernels.every(({ parts }) => parts.length === 0)) continue;
    const key = JSON.stringify(classOf(operation, problems[0]));
    const existing = byClass.get(key);
    if (!existing || (representative && !existing.representative)) byClass.set(key, workload);
  }
  return [...byClass.values()];
}

/**
 * The largest of a workload's problems whose candidates can be tried in the time: from the smallest up, since each tells what the
 * next will take.
 *
 * @returns undefined where not even the smallest can be run
 * @throws DeviceLostError when devices are lost again and again, and the signal's reason when interrupted
 */
export async function problemFor<P>(
  keeper: DeviceKeeper,
  { operation, problems }: Tunable<P>,
  budgetMs: number,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<P | undefined> {
  const longestNs = (budgetMs * 1e6) / (RUNS * CANDIDATES);
  const work = (problem: P): number => operation.bytes(problem) + operation.flops(problem);
  let best: P | undefined;
  let bestNs = 0;
  for (const problem of problems.toReversed()) {
    signal.throwIfAborted();
    if (best !== undefined && (bestNs * work(problem)) / work(best) > longestNs) break;
    try {
      bestNs = await roughTimeNs(await keeper.device(), operation, problem, seed);
    } catch (error) {
      if (error instanceof DeviceLostError) keeper.noteLoss(error);
      else if (!(error instanceof UnsupportedError) && !(error instanceof OutOfMemoryError)) throw error;
      break;
    }
    best = problem;
  }
  return best;
}

async function roughTimeNs<P>(
  device: GpuDevice,
  operation: Tunable<P>['operation'],
  problem: P,
  seed: number,
): Promise<number> {
  const trial = prepareTrial(device, operation, problem, { seed });
  try {
    await timeGraph(device, trial.graph, 1);
    const times: number[] = [];
    for (let run = 0; run < 3; run++) times.push(durationNs(await timeGraph(device, trial.graph, 1)));
    // What else the machine does makes a run longer, never shorter.
    return Math.min(...times);
  } finally {
    trial[Symbol.dispose]();
  }
}

/** Identifies a class to be tuned in a journal: outcomes of kernels that have changed, or of another driver, do not count. */
export function taskKey(
  { adapter, boundsChecked }: Capabilities,
  { operation, problems }: Pick<Tunable, 'operation' | 'problems'>,
): string {
  const { op, dtype, shapeClass } = classOf(operation, problems[0]);
  return JSON.stringify([
    gpuKey(adapter),
    adapter.description,
    boundsChecked,
    op,
    dtype,
    shapeClass,
    candidatesChecksum(operation),
  ]);
}
