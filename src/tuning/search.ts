import type { Config } from '../kernels/define.ts';
import { candidateKey, type KernelSpace } from './candidates.ts';
import type { Candidate, Outcome, TimeInterval } from './records.ts';

/** A candidate that was compiled, has run once and was right. */
export interface Runnable extends Disposable {
  /** Takes one more sample; gives the median of all that were taken, with its interval. */
  sample(): Promise<TimeInterval>;
}

/** Runs candidates: on a device, or in tests out of a table. */
export interface Measurer {
  /**
   * Compiles a candidate, runs it once and checks the result.
   *
   * @throws Unmeasurable where there is nothing to time
   */
  open(candidate: Candidate): Promise<Runnable>;
}

/** Why a candidate has no time; thrown by a `Measurer`. */
export class Unmeasurable extends Error {
  readonly result: 'wrong' | 'failed' | 'crashed';

  constructor(result: 'wrong' | 'failed' | 'crashed', reason: string) {
    super(reason);
    this.result = result;
  }
}

export interface SearchOptions {
  /** What the library would choose without a record: tried first, and to be beaten. */
  readonly untuned: Candidate;
  /** A seeded source of numbers from 0 to 1. */
  readonly random: () => number;
  /** The share of the time that is left, from 1 down to 0 or below. */
  readonly timeLeft: () => number;
  /** Outcomes of an earlier run that was interrupted: these are not tried again. */
  readonly known?: readonly Outcome[] | undefined;
  /** Told each candidate that is tried, before anything of it runs. */
  readonly onStart?: ((candidate: Candidate) => Promise<void> | void) | undefined;
  /** Told each outcome when it is there. */
  readonly onOutcome?: ((outcome: Outcome) => Promise<void> | void) | undefined;
  /** Told that the best ones are being compared. */
  readonly onFinal?: ((candidates: readonly Candidate[]) => void) | undefined;
}

export interface SearchResult {
  readonly outcomes: readonly Outcome[];
  /** The fastest first; see `TuningRecord`. Empty where no candidate could be timed. */
  readonly ranking: readonly Candidate[];
}

/** Samples of a candidate while the search goes on; the best ones get more in the end. */
const SAMPLES = 5;

/** A first sample that is so much slower than the best candidate is enough: first runs are a little slow. */
const HOPELESS = 1.5;

/** A kernel so much slower than the best one is not searched beyond its heuristic. */
const GIVE_UP = 3;

/** A kernel of which so many configs failed, and none did not, is not tried any more. */
const MOST_FAILURES = 4;

/** A random point that comes so close to the best of its kernel is worth a descent from there. */
const PROMISING = 1.25;

/** Random points in a row that improved nothing, after which the search has converged. */
const PATIENCE = 12;

/** The share of the time that is kept for the comparison of the best ones. */
const FINAL_SHARE = 0.25;

/** The candidates that are compared in turns in the end, besides `untuned`, and the samples of each. */
const FINALISTS = 4;
const FINAL_ROUNDS = 15;

/**
 * Looks for the fastest candidate. First every kernel is tried at its heuristic; then, from the fastest kernel on, each parameter in turn
 * takes the value that is best while the others stay (coordinate descent), until none helps; then descents start from random points.
 * A candidate whose samples are all slower than the best one's is given up early. In the end the best few are repeated in turns, and
 * only what is faster than `untuned` beyond noise comes before it.
 *
 * @throws what the measurer throws besides Unmeasurable
 */
export async function search(
  spaces: readonly KernelSpace[],
  measurer: Measurer,
  options: SearchOptions,
): Promise<SearchResult> {
  const run = new Search(spaces, measurer, options);
  await run.explore();
  return run.finish();
}

class Search {
  readonly #spaces: readonly KernelSpace[];
  readonly #measurer: Measurer;
  readonly #options: SearchOptions;
  readonly #outcomes = new Map<string, Outcome>();
  /** The candidates that can run, by their keys. */
  readonly #legal: ReadonlyMap<string, Candidate>;

  constructor(spaces: readonly KernelSpace[], measurer: Measurer, options: SearchOptions) {
    this.#spaces = spaces;
    this.#measurer = measurer;
    this.#options = options;
    this.#legal = new Map(
      spaces.flatMap(({ kernel, configs }) =>
        configs.map((config) => [candidateKey({ kernel, config }), { kernel, config }] as const),
      ),
    );
    for (const outcome of options.known ?? []) this.#outcomes.set(candidateKey(outcome), outcome);
  }

  async explore(): Promise<void> {
    await this.#try(this.#options.untuned);
    for (const { kernel, configs } of this.#spaces) await this.#try({ kernel, config: configs[0]! });
    for (const space of this.#promisingSpaces()) {
      const best = this.#bestOf(space.kernel);
      if (best) await this.#descend(space, best);
    }
    await this.#restart();
  }

  /** Repeats the best ones in turns, and ranks them. */
  async finish(): Promise<SearchResult> {
    const untunedKey = candidateKey(this.#options.untuned);
    const timed = this.#timed();
    const fastest = timed[0];
    if (!fastest) return { outcomes: [...this.#outcomes.values()], ranking: [] };
    const close = timed.filter(({ timeNs }) => timeNs.low <= fastest.timeNs.high);
    const untuned = timed.find((outcome) => candidateKey(outcome) === untunedKey);
    // One more than overlap: the runner-up is what shows whether the first is the first.
    const finalists = [...new Set([...timed.slice(0, 2), ...close])]
      .filter((outcome) => outcome !== untuned)
      .slice(0, FINALISTS);
    const contenders = untuned ? [untuned, ...finalists] : finalists;
    await this.#race(contenders);
    const ranking = this.#rank(new Set(contenders.map(candidateKey)), untunedKey);
    return { outcomes: [...this.#outcomes.values()], ranking };
  }

  /** Those that are faster than `untuned` beyond noise, then `untuned`; or the fastest of all where `untuned` has no time. */
  #rank(contenders: ReadonlySet<string>, untunedKey: string): readonly Candidate[] {
    const timed = this.#timed().filter((outcome) => contenders.has(candidateKey(outcome)));
    const untuned = timed.find((outcome) => candidateKey(outcome) === untunedKey);
    const better = untuned ? timed.filter(({ timeNs }) => timeNs.high < untuned.timeNs.low) : timed;
    return [...better, ...(untuned ? [untuned] : [])].map(candidateOf);
  }

  async #race(contenders: readonly Candidate[]): Promise<void> {
    if (contenders.length < 2) return;
    this.#options.onFinal?.(contenders);
    const open: { readonly candidate: Candidate; readonly runnable: Runnable; time?: TimeInterval }[] = [];
    try {
      for (const candidate of contenders) {
        const runnable = await this.#measured(candidate, () => this.#measurer.open(candidate));
        if (runnable) open.push({ candidate, runnable });
      }
      for (
        let round = 0;
        round < FINAL_ROUNDS && (round < SAMPLES || this.#options.timeLeft() > 0);
        round++
      ) {
        // Each goes first as often as the last.
        for (const entry of round % 2 === 0 ? open : open.toReversed()) {
          const time = await this.#measured(entry.candidate, () => entry.runnable.sample());
          if (time) entry.time = time;
        }
      }
      for (const { candidate, time } of open) {
        const failed = !isTimed(this.#outcomes.get(candidateKey(candidate)));
        if (time && !failed) await this.#note({ ...candidateOf(candidate), result: 'timed', timeNs: time });
      }
    } finally {
      for (const { runnable } of open) runnable[Symbol.dispose]();
    }
  }

  /** Spaces worth a search, those of the fastest kernels first; of kernels whose first configs failed last. */
  #promisingSpaces(): KernelSpace[] {
    const bestNs = this.#timed()[0]?.timeNs.median ?? Infinity;
    return this.#spaces
      .map((space) => ({ space, time: this.#bestOf(space.kernel)?.timeNs.median }))
      .filter(({ space, time }) =>
        time === undefined ? this.#failuresOf(space.kernel) < MOST_FAILURES : time <= GIVE_UP * bestNs,
      )
      .toSorted((a, b) => (a.time ?? Infinity) - (b.time ?? Infinity))
      .map(({ space }) => space);
  }

  /** Takes the best value of one parameter after the other until none helps. */
  async #descend(space: KernelSpace, start: Timed): Promise<void> {
    let best = start;
    for (let improved = true; improved;) {
      improved = false;
      for (const [name, values] of Object.entries(space.space)) {
        for (const value of values) {
          const config: Config = { ...best.config, [name]: value };
          const outcome = await this.#try({ kernel: space.kernel, config });
          if (isTimed(outcome) && outcome.timeNs.median < best.timeNs.median) {
            best = outcome;
            improved = true;
          }
        }
      }
    }
  }

  /** Starts descents from random points of the promising spaces until nothing new is found. */
  async #restart(): Promise<void> {
    for (let idle = 0; idle < PATIENCE && this.#mayGoOn();) {
      const untried = this.#promisingSpaces().flatMap((space) =>
        space.configs
          .map((config) => ({ space, candidate: { kernel: space.kernel, config } }))
          .filter(({ candidate }) => !this.#outcomes.has(candidateKey(candidate))),
      );
      if (untried.length === 0) return;
      const { space, candidate } = untried[Math.floor(this.#options.random() * untried.length)]!;
      const before = this.#timed()[0]?.timeNs.median ?? Infinity;
      const kernelBest = this.#bestOf(space.kernel)?.timeNs.median ?? Infinity;
      const outcome = await this.#try(candidate);
      if (isTimed(outcome) && outcome.timeNs.median <= PROMISING * kernelBest) {
        await this.#descend(space, outcome);
      }
      idle = (this.#timed()[0]?.timeNs.median ?? Infinity) < before ? 0 : idle + 1;
    }
  }

  #mayGoOn(): boolean {
    return this.#options.timeLeft() > FINAL_SHARE;
  }

  /** Measures a candidate, unless that was done, is not legal, or there is no time. */
  async #try(candidate: Candidate): Promise<Outcome | undefined> {
    const key = candidateKey(candidate);
    const known = this.#outcomes.get(key);
    if (known) return known;
    if (!this.#legal.has(key) || !this.#mayGoOn()) return undefined;
    await this.#options.onStart?.(candidate);
    const outcome = await this.#measured(candidate, async (): Promise<Outcome> => {
      const runnable = await this.#measurer.open(candidate);
      try {
        return await this.#sample(candidate, runnable);
      } finally {
        runnable[Symbol.dispose]();
      }
    });
    if (outcome) await this.#note(outcome);
    return outcome ?? this.#outcomes.get(key);
  }

  async #sample(candidate: Candidate, runnable: Runnable): Promise<Outcome> {
    const best = this.#timed()[0]?.timeNs;
    let timeNs = await runnable.sample();
    while (timeNs.n < SAMPLES) {
      const limit = timeNs.n === 1 ? HOPELESS : 1;
      if (best && timeNs.low > limit * best.high) return { ...candidate, result: 'slow', timeNs };
      timeNs = await runnable.sample();
    }
    return { ...candidate, result: 'timed', timeNs };
  }

  /** What `work` gives, or undefined when there is nothing to time, which is then noted. */
  async #measured<T>(candidate: Candidate, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unmeasurable)) throw error;
      await this.#note({ ...candidateOf(candidate), result: error.result, reason: error.message });
      return undefined;
    }
  }

  async #note(outcome: Outcome): Promise<void> {
    this.#outcomes.set(candidateKey(outcome), outcome);
    await this.#options.onOutcome?.(outcome);
  }

  /** Those with a time, the fastest first. */
  #timed(): Timed[] {
    return [...this.#outcomes.values()].filter(isTimed).toSorted((a, b) => a.timeNs.median - b.timeNs.median);
  }

  #failuresOf(kernel: string): number {
    return [...this.#outcomes.values()].filter((outcome) => outcome.kernel === kernel && !isTimed(outcome))
      .length;
  }

  #bestOf(kernel: string): Timed | undefined {
    return this.#timed().find((outcome) => outcome.kernel === kernel);
  }
}

type Timed = Candidate & { readonly result: 'timed' | 'slow'; readonly timeNs: TimeInterval };

function isTimed(outcome: Outcome | undefined): outcome is Timed & Outcome {
  return outcome !== undefined && 'timeNs' in outcome;
}

const candidateOf = ({ kernel, config }: Candidate): Candidate => ({ kernel, config });
