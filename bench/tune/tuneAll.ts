import { candidatesChecksum } from '../../src/tuning/checksum.ts';
import type { GpuDevice } from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { candidateSpaces } from '../../src/tuning/candidates.ts';
import {
  classOf,
  gpuKey,
  type Candidate,
  type TimeInterval,
  type TuningRecord,
} from '../../src/tuning/records.ts';
import { search } from '../../src/tuning/search.ts';
import { Random } from '../measure/random.ts';
import { shortKernelName } from '../report/format.ts';
import type { Workload } from '../suites/index.ts';
import { DeviceMeasurer } from './deviceMeasurer.ts';
import type { Journal } from './journal.ts';
import { problemFor, taskKey } from './tasks.ts';

export interface TuneOptions {
  /** When all should be done, on `performance.now()`'s clock. */
  readonly deadlineMs: number;
  readonly seed: number;
  readonly maxCheckSteps: number;
  readonly minSampleNs: number;
  readonly signal: AbortSignal;
  readonly journal: Journal;
  /** Opens the adapter anew after its device was lost. */
  readonly reopen: () => Promise<GpuDevice>;
  /** What is being done, for a line that changes. */
  readonly onProgress: (text: string) => void;
  readonly onRecord: (record: TuningRecord) => void;
  readonly onLeftOut: (leftOut: LeftOut) => void;
}

/** A class that was not tuned. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
  /** `done`: in this run or before an interruption; `time`: there was too little; `failed`: nothing could be timed. */
  readonly why: 'done' | 'time' | 'failed';
}

/**
 * Tunes one class of problems after the other, each in an equal share of the time that is left.
 *
 * @returns the device, another one where that was lost
 * @throws DeviceLostError when devices are lost again and again, and the signal's reason when interrupted
 */
export async function tuneAll(
  device: GpuDevice,
  workloads: readonly Workload[],
  options: TuneOptions,
): Promise<GpuDevice> {
  const { deadlineMs, seed, signal, journal, onProgress, onRecord, onLeftOut } = options;
  const tuned = new Set<string>();
  for (const [index, workload] of workloads.entries()) {
    signal.throwIfAborted();
    const { operation, problems } = workload;
    const task = taskKey(device, workload);
    if (journal.isDone(task)) {
      const reason = 'it was done before the interruption';
      onLeftOut({ name: nameOf(workload, problems[0]), reason, why: 'done' });
      continue;
    }
    const startMs = performance.now();
    const shareMs = Math.max(0, deadlineMs - startMs) / (workloads.length - index);
    onProgress(`${operation.name} ${workload.label}: finding a problem of a fitting size`);
    const begun = problems.find((problem) => operation.key(problem) === journal.problem(task));
    const problem = begun ?? (await problemFor(device, workload, shareMs, { seed, signal }));
    if (problem === undefined) {
      const reason = 'not even the smallest of its problems runs on this adapter';
      onLeftOut({ name: nameOf(workload, problems[0]), reason, why: 'failed' });
      continue;
    }
    const name = nameOf(workload, problem);
    const kind = JSON.stringify(classOf(operation, problem));
    if (tuned.has(kind)) {
      const reason = 'what the time allows of it is of a class that is tuned already';
      onLeftOut({ name, reason, why: 'done' });
      continue;
    }
    tuned.add(kind);
    journal.begin(task, operation.key(problem));
    const measurer = new DeviceMeasurer(device, operation, workload.checker, problem, options);
    try {
      const record = await tuneOne(measurer, workload, problem, task, {
        ...options,
        timeLeft: () => 1 - (performance.now() - startMs) / shareMs,
      });
      if (!('op' in record)) {
        onLeftOut({ name, ...record });
      } else {
        onRecord(record);
        journal.done(task);
      }
    } finally {
      device = measurer.device;
      measurer[Symbol.dispose]();
    }
  }
  return device;
}

/** A record, or why there is none. */
async function tuneOne<P>(
  measurer: DeviceMeasurer<P>,
  workload: Workload<P>,
  problem: P,
  task: string,
  { seed, journal, onProgress, timeLeft }: TuneOptions & { readonly timeLeft: () => number },
): Promise<TuningRecord | Omit<LeftOut, 'name'>> {
  const { operation } = workload;
  const { capabilities } = measurer.device;
  const spaces = candidateSpaces(operation, problem, capabilities);
  const candidateCount = spaces.reduce((sum, { configs }) => sum + configs.length, 0);
  const { kernel, config } = select(operation, problem, capabilities);
  const random = new Random(seed);
  const known = journal.outcomes(task);
  const name = nameOf(workload, problem);
  let tried = known.length;
  let best: TimeInterval | undefined;
  const { outcomes, ranking } = await search(spaces, measurer, {
    untuned: { kernel: kernel.name, config },
    random: () => random.fraction(),
    timeLeft,
    known,
    onStart(candidate) {
      journal.start(task, candidate);
      tried++;
      const sofar = best ? `, best so far ${(best.median / 1e3).toPrecision(3)} µs` : '';
      onProgress(`${name}: ${tried} of ${candidateCount}${sofar}: ${candidateText(candidate)}`);
    },
    onOutcome(outcome) {
      journal.outcome(task, outcome);
      if ('timeNs' in outcome && (!best || outcome.timeNs.median < best.median)) best = outcome.timeNs;
    },
    onFinal: (candidates) => onProgress(`${name}: comparing the best ${candidates.length} in turns`),
  });
  if (outcomes.length === 0)
    return { reason: 'its share of the time was up before one candidate was tried', why: 'time' };
  const [first] = outcomes;
  if (ranking.length === 0) {
    const reason =
      first && 'reason' in first ? `${first.result}: ${first.reason}` : 'no candidate has a time';
    return { reason, why: 'failed' };
  }
  return {
    ...classOf(operation, problem),
    gpu: gpuKey(capabilities.adapter),
    software: capabilities.software,
    driver: capabilities.adapter.description,
    boundsChecked: capabilities.boundsChecked,
    problem: workload.shapeText(problem),
    checksum: candidatesChecksum(operation),
    measuredAt: new Date().toISOString(),
    candidateCount,
    outcomes,
    untuned: { kernel: kernel.name, config },
    ranking,
  };
}

function nameOf<P>(workload: Workload<P>, problem: P): string {
  const { op, dtype, shapeClass } = classOf(workload.operation, problem);
  return `${op} ${dtype} ${shapeClass} (${workload.shapeText(problem)})`;
}

/** `direct threadM 4, lanesM 2`. */
export function candidateText({ kernel, config }: Candidate): string {
  const values = Object.entries(config).map(([name, value]) => `${name} ${String(value)}`);
  return [shortKernelName(kernel), values.join(', ')].filter(Boolean).join(' ');
}
