import {
  DeviceLostError,
  OutOfMemoryError,
  UnsupportedError,
  type Device,
  type GpuDevice,
} from '../../src/node.ts';
import { candidatesChecksum } from '../../src/tuning/checksum.ts';
import { classOf, gpuKey } from '../../src/tuning/records.ts';
import { durationNs, timeGraph } from '../measure/sampling.ts';
import { prepareTrial } from '../measure/trial.ts';
import type { Workload } from '../suites/index.ts';

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
 * @throws DeviceLostError when the device is gone, and the signal's reason when interrupted
 */
export async function problemFor(
  device: Device,
  { operation, problems }: Workload,
  budgetMs: number,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<unknown> {
  const longestNs = (budgetMs * 1e6) / (RUNS * CANDIDATES);
  const work = (problem: unknown): number => operation.bytes(problem) + operation.flops(problem);
  let best: unknown;
  let bestNs = 0;
  for (const problem of problems.toReversed()) {
    signal.throwIfAborted();
    if (best !== undefined && (bestNs * work(problem)) / work(best) > longestNs) break;
    try {
      const trial = prepareTrial(device, operation, problem, { seed });
      try {
        await timeGraph(device, trial.graph, 1);
        const times: number[] = [];
        for (let run = 0; run < 3; run++) times.push(durationNs(await timeGraph(device, trial.graph, 1)));
        // What else the machine does makes a run longer, never shorter.
        bestNs = Math.min(...times);
      } finally {
        trial[Symbol.dispose]();
      }
    } catch (error) {
      if (error instanceof DeviceLostError) throw error;
      if (!(error instanceof UnsupportedError) && !(error instanceof OutOfMemoryError)) throw error;
      break;
    }
    best = problem;
  }
  return best;
}

/** Identifies a class to be tuned in a journal: outcomes of kernels that have changed, or of another driver, do not count. */
export function taskKey(device: GpuDevice, { operation, problems }: Workload): string {
  const { adapter, boundsChecked } = device.capabilities;
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
