import { ArgumentError } from '../../src/errors.ts';
import { expectOptions, refuse } from '../../src/expect.ts';
import type { Device, GpuDevice } from '../../src/index.ts';
import { loadFor } from '../../src/kernels/onDemand.ts';
import { select } from '../../src/ops/select.ts';
import { candidateSpaces } from '../../src/tuning/candidates.ts';
import { candidatesChecksum } from '../../src/tuning/checksum.ts';
import { classOf, gpuKey, type TimeInterval, type TuningRecord } from '../../src/tuning/records.ts';
import { search } from '../../src/tuning/search.ts';
import { detectClockStep, minSampleNs } from '../measure/clock.ts';
import { Random } from '../measure/random.ts';
import { DeviceKeeper } from './deviceKeeper.ts';
import { DeviceMeasurer, type MeasurerOptions } from './deviceMeasurer.ts';
import { Journal } from './journal.ts';
import type { LeftOut, TuneOptions, TuneProgress, TuneResult } from './options.ts';
import { keepRecord, type TuningStore } from './store.ts';
import { problemFor, taskKey, type Tunable } from './tasks.ts';
import { chooseWorkloads, workloadsOfCalls } from './workloads.ts';

/** Steps of the CPU path that the check of a candidate may take. */
const MAX_CHECK_STEPS = 1e7;

const TEN_MINUTES_MS = 600_000;

const OPTIONS: readonly string[] = [
  'ops',
  'shapes',
  'calls',
  'model',
  'budgetMs',
  'seed',
  'fresh',
  'signal',
  'onProgress',
] satisfies (keyof TuneOptions)[];

/** `tune()` of a platform, which keeps what it finds out in the platform's store. */
export async function tuneWith(
  openStore: () => Promise<TuningStore>,
  open: () => Promise<Device>,
  options: TuneOptions,
): Promise<TuneResult> {
  if (typeof open !== 'function') refuse('tune', 'open', 'a function that opens a GPU, as openDevice', open);
  expectOptions('tune', options, OPTIONS);
  const { budgetMs = TEN_MINUTES_MS } = options;
  for (const name of ['ops', 'shapes', 'calls'] as const) {
    const list = options[name];
    if (list !== undefined && !Array.isArray(list)) refuse('tune', name, 'an array', list);
  }
  if (!(budgetMs > 0)) throw new ArgumentError(`budgetMs: ${budgetMs} is no time`, { got: budgetMs });
  // Records are valid for all kernels of an operation, those of other GPUs among them.
  await loadFor('all');
  const store = await openStore();
  const keeper = new DeviceKeeper(open);
  try {
    return await new Tuner(store, keeper, options).run(budgetMs);
  } finally {
    keeper[Symbol.dispose]();
    store[Symbol.dispose]();
  }
}

class Tuner {
  readonly #store: TuningStore;
  readonly #keeper: DeviceKeeper;
  readonly #options: TuneOptions;
  readonly #seed: number;
  readonly #signal: AbortSignal;
  readonly #records: TuningRecord[] = [];
  readonly #leftOut: LeftOut[] = [];

  constructor(store: TuningStore, keeper: DeviceKeeper, options: TuneOptions) {
    this.#store = store;
    this.#keeper = keeper;
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async run(budgetMs: number): Promise<TuneResult> {
    const { calls, fresh } = this.#options;
    this.#signal.throwIfAborted();
    const device = await this.#keeper.device();
    const { capabilities } = device;
    const workloads = calls ? workloadsOfCalls(calls) : chooseWorkloads(this.#options, capabilities.f16);
    const gpu = gpuKey(capabilities.adapter);
    const source = this.#store.source(gpu);
    this.#tell({ kind: 'started', gpu, source, classes: workloads.length });
    const clockStepNs = await detectClockStep(device);
    const journal = await Journal.open(this.#store, gpu, fresh);
    const forgetEnd = this.#store.beforeEnd(() => void journal.leave());
    try {
      await this.#tuneAll(workloads, performance.now() + budgetMs, journal, {
        seed: this.#seed,
        signal: this.#signal,
        maxCheckSteps: MAX_CHECK_STEPS,
        minSampleNs: minSampleNs(clockStepNs ?? 0),
      });
      await journal.forget(workloads.map((workload) => taskKey(capabilities, workload)));
    } finally {
      forgetEnd();
      await journal.leave();
    }
    const { software } = capabilities;
    return { gpu, software, source, records: this.#records, leftOut: this.#leftOut };
  }

  /** Tunes one class of problems after the other, each in an equal share of the time that is left. */
  async #tuneAll(
    workloads: readonly Tunable[],
    deadlineMs: number,
    journal: Journal,
    options: MeasurerOptions,
  ): Promise<void> {
    const tuned = new Set<string>();
    for (const [index, workload] of workloads.entries()) {
      this.#signal.throwIfAborted();
      const startMs = performance.now();
      const shareMs = Math.max(0, deadlineMs - startMs) / (workloads.length - index);
      await this.#tuneOne(workload, shareMs, tuned, journal, options);
    }
  }

  /** @param tuned the classes that were tuned before, to which this one is added */
  async #tuneOne(
    workload: Tunable,
    shareMs: number,
    tuned: Set<string>,
    journal: Journal,
    options: MeasurerOptions,
  ): Promise<void> {
    const startMs = performance.now();
    const { operation, problems } = workload;
    const { capabilities } = await this.#keeper.device();
    const task = taskKey(capabilities, workload);
    const meant = nameOf(workload, problems[0]);
    if (journal.isDone(task)) {
      this.#leaveOut({ name: meant, reason: 'it was done before the interruption', why: 'done' });
      return;
    }
    this.#tell({ kind: 'sizing', name: meant });
    const begun = problems.find((problem) => operation.key(problem) === journal.problem(task));
    const problem = begun ?? (await problemFor(this.#keeper, workload, shareMs, options));
    if (problem === undefined) {
      const reason = 'not even the smallest of its problems runs on this adapter';
      this.#leaveOut({ name: meant, reason, why: 'failed' });
      return;
    }
    const name = nameOf(workload, problem);
    const kind = JSON.stringify(classOf(operation, problem));
    if (tuned.has(kind)) {
      const reason = 'what the time allows of it is of a class that is tuned already';
      this.#leaveOut({ name, reason, why: 'done' });
      return;
    }
    tuned.add(kind);
    await journal.begin(task, operation.key(problem));
    const measurer = await DeviceMeasurer.prepare(this.#keeper, workload, problem, options);
    try {
      const timeLeft = (): number => 1 - (performance.now() - startMs) / shareMs;
      const record = await this.#search(measurer, workload, problem, task, journal, timeLeft);
      if ('reason' in record) {
        this.#leaveOut({ name, ...record });
        return;
      }
      await keepRecord(this.#store, record);
      await journal.done(task);
      this.#records.push(record);
      this.#tell({ kind: 'tuned', name, record });
    } finally {
      measurer[Symbol.dispose]();
    }
  }

  /** A record, or why there is none. */
  async #search<P>(
    measurer: DeviceMeasurer<P>,
    workload: Tunable<P>,
    problem: P,
    task: string,
    journal: Journal,
    timeLeft: () => number,
  ): Promise<TuningRecord | Omit<LeftOut, 'name'>> {
    const { operation } = workload;
    const { capabilities }: GpuDevice = await this.#keeper.device();
    const { kernel, config } = select(operation, problem, capabilities);
    const spaces = candidateSpaces(operation, problem, capabilities, kernel.name);
    const candidateCount = spaces.reduce((sum, { configs }) => sum + configs.length, 0);
    const untuned = { kernel: kernel.name, config };
    const random = new Random(this.#seed);
    const known = await journal.outcomes(task);
    const name = nameOf(workload, problem);
    let number = known.length;
    let best: TimeInterval | undefined;
    const { outcomes, ranking } = await search(spaces, measurer, {
      untuned,
      random: () => random.fraction(),
      timeLeft,
      known,
      onStart: async (candidate) => {
        number++;
        this.#tell({ kind: 'trying', name, candidate, number, candidateCount, best });
        await journal.start(task, candidate);
      },
      onOutcome: async (outcome) => {
        if ('timeNs' in outcome && (!best || outcome.timeNs.median < best.median)) best = outcome.timeNs;
        await journal.outcome(task, outcome);
      },
      onFinal: (candidates) => this.#tell({ kind: 'comparing', name, candidates }),
    });
    const [first] = outcomes;
    if (!first) {
      return { reason: 'its share of the time was up before one candidate was tried', why: 'time' };
    }
    if (ranking.length === 0) {
      const reason = 'reason' in first ? `${first.result}: ${first.reason}` : 'no candidate has a time';
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
      untuned,
      ranking,
    };
  }

  #leaveOut(leftOut: LeftOut): void {
    this.#leftOut.push(leftOut);
    this.#tell({ kind: 'leftOut', ...leftOut });
  }

  #tell(progress: TuneProgress): void {
    this.#options.onProgress?.(progress);
  }
}

function nameOf<P>({ operation, shapeText }: Tunable<P>, problem: P): string {
  const { op, dtype, shapeClass } = classOf(operation, problem);
  return `${op} ${dtype} ${shapeClass} (${shapeText(problem)})`;
}
