import { roundingUnit } from '../../src/kernels/rounding.ts';
import {
  checkOutput,
  expectedElements,
  type Check,
  type Checker,
  type ExpectedElements,
} from '../measure/check.ts';
import {
  estimateMedian,
  ratioOfMedians,
  relativeSize,
  type Estimate,
  type Interval,
} from '../measure/statistics.ts';
import type { Assignment, Contender, Ready } from './contender.ts';
import { PeerFailure, PeerLacks } from './process.ts';
import { termsOf, type Task } from './task.ts';

export interface ContestOptions {
  /** Steps of the CPU path that a check may take. */
  readonly maxCheckSteps: number;
  readonly seed: number;
  /** The shortest time that a sample may have, so that waiting for its end does not matter. */
  readonly minSampleNs: number;
  /** For how long rounds are played, as far as `minRounds` and `maxRounds` allow. */
  readonly timeMs: number;
  readonly minRounds: number;
  readonly maxRounds: number;
  readonly signal?: AbortSignal | undefined;
}

/** What became of a contender. */
export type Outcome =
  | Timed
  /** The library does not have it; `reason` is `no f16` or the like. */
  | { readonly status: 'notOffered'; readonly reason: string }
  /** Its result was wrong, so it has no time. */
  | { readonly status: 'wrong'; readonly reason: string }
  /** It could not run. */
  | { readonly status: 'failed'; readonly reason: string };

export interface Timed {
  readonly status: 'timed';
  /** Host's time for one run. */
  readonly timeNs: Estimate;
  /** Runs in a sample. */
  readonly runs: number;
  /** Of the result, by root mean square. */
  readonly relativeError: number;
  /** Its time divided by Tilewise's; undefined for Tilewise itself. */
  readonly ratio: Interval | undefined;
}

/** What came out of one problem. */
export interface ContestResult {
  readonly check: Check;
  /** Undefined where Tilewise's own result was wrong. */
  readonly own: Timed | undefined;
  /** Time of the rounds after the fewest. */
  readonly spareMs: number;
  readonly peers: readonly { readonly name: string; readonly outcome: Outcome }[];
}

/**
 * Lets all run the same problem on the same operands: checks each one's result, and takes a sample of each in turn, round
 * after round, the first of a round another one each time.
 *
 * @throws what Tilewise throws, and the signal's reason when interrupted
 */
export async function contest<P>(
  own: Contender,
  peers: readonly Contender[],
  checker: Checker<P>,
  assignment: Assignment<P>,
  options: ContestOptions,
): Promise<ContestResult> {
  const { operation, problem, operands, task } = assignment;
  const { maxCheckSteps, seed, signal } = options;
  const checkOptions = { maxSteps: maxCheckSteps, seed };
  const expected = expectedElements(operation, checker, problem, operands, checkOptions);
  const check = (output: ArrayLike<number>): Check =>
    checkOutput(operation, checker, problem, operands, [output], checkOptions);
  const outcomes = new Map<string, Outcome>();
  const players: Player[] = [];
  const enter = async (contender: Contender): Promise<Player> => {
    const player = new Player(contender.name, await contender.prepare(assignment));
    players.push(player);
    await player.ready.time(1);
    return player;
  };
  try {
    const ownPlayer = await enter(own);
    const first = check(await ownPlayer.ready.read(undefined));
    if (!first.passed) return { ...NO_TIMES, check: first };
    for (const peer of peers) {
      signal?.throwIfAborted();
      await attempt(outcomes, peer.name, async () => {
        const player = await enter(peer);
        judge(task, await player.ready.read(expected.positions), expected).throwIfWrong();
      });
    }
    await calibrate(players, outcomes, options);
    const spareMs = await playRounds(players, outcomes, options);
    // Some libraries go on after an error, faster than ever: the last results are checked too.
    const last = check(await ownPlayer.ready.read(undefined));
    if (!last.passed) return { ...NO_TIMES, check: last };
    const readJudged = async ({ ready }: Player): Promise<Judgement> =>
      judge(task, await ready.read(expected.positions), expected);
    for (const player of players.filter(({ name }) => name !== own.name && !outcomes.has(name))) {
      await attempt(outcomes, player.name, async () => {
        const judgement = await readJudged(player);
        judgement.throwIfWrong();
        outcomes.set(player.name, player.timed(judgement.relativeError, ownPlayer));
      });
    }
    return {
      check: last,
      own: ownPlayer.timed((await readJudged(ownPlayer)).relativeError, ownPlayer),
      spareMs,
      peers: peers.map(({ name }) => ({ name, outcome: outcomes.get(name)! })),
    };
  } finally {
    // A process that is gone has nothing to give back.
    await Promise.allSettled(players.map(({ ready }) => ready.dispose()));
  }
}

/** Where Tilewise's result was wrong. */
const NO_TIMES = { own: undefined, spareMs: 0, peers: [] };

/** A contender that takes part in the rounds. */
class Player {
  readonly name: string;
  readonly ready: Ready;
  readonly #samplesNs: number[] = [];
  repeats = 1;
  runs = 1;

  constructor(name: string, ready: Ready) {
    this.name = name;
    this.ready = ready;
  }

  /** Takes a sample. */
  async play(): Promise<void> {
    const { durationNs, runs } = await this.ready.time(this.repeats);
    this.#samplesNs.push(durationNs / runs);
    this.runs = runs;
  }

  timed(error: number, own: Player): Timed {
    return {
      status: 'timed',
      timeNs: estimateMedian(this.#samplesNs),
      runs: this.runs,
      relativeError: error,
      ratio: own === this ? undefined : ratioOfMedians(this.#samplesNs, own.#samplesNs),
    };
  }
}

/** Runs what a peer may fail at; the outcome then says how. */
async function attempt(
  outcomes: Map<string, Outcome>,
  name: string,
  action: () => Promise<void>,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const status = STATUS_OF.find(([type]) => error instanceof type)?.[1];
    if (!status) throw error;
    outcomes.set(name, { status, reason: (error as Error).message });
  }
}

class WrongPeerResult extends Error {}

const STATUS_OF = [
  [PeerLacks, 'notOffered'],
  [WrongPeerResult, 'wrong'],
  [PeerFailure, 'failed'],
] as const;

/** Runs in one sample at most. */
const MAX_REPEATS = 2048;

/** Looks at how long a sample gets; the first ones compile and fill caches. */
const MAX_ATTEMPTS = 6;

/** Finds out for each how many runs make a sample long enough. The last look is at that many, so that all are warm. */
async function calibrate(
  players: readonly Player[],
  outcomes: Map<string, Outcome>,
  { minSampleNs, signal }: ContestOptions,
): Promise<void> {
  for (const player of players.filter(({ name }) => !outcomes.has(name))) {
    await attempt(outcomes, player.name, async () => {
      for (let look = 0; look < MAX_ATTEMPTS; look++) {
        signal?.throwIfAborted();
        const { durationNs, runs } = await player.ready.time(player.repeats);
        if (durationNs >= 0.8 * minSampleNs || runs >= MAX_REPEATS) return;
        const wanted = Math.ceil(minSampleNs / Math.max(1, durationNs / runs));
        player.repeats = Math.min(MAX_REPEATS, Math.max(player.repeats, wanted));
      }
    });
  }
}

/** Plays, and says for how long after the fewest rounds. */
async function playRounds(
  players: readonly Player[],
  outcomes: Map<string, Outcome>,
  { timeMs, minRounds, maxRounds, signal }: ContestOptions,
): Promise<number> {
  const playing = players.filter(({ name }) => !outcomes.has(name));
  const start = performance.now();
  let fewestEnd: number | undefined;
  for (let round = 0; round < maxRounds; round++) {
    if (round === minRounds) fewestEnd = performance.now();
    if (round >= minRounds && performance.now() - start > timeMs) break;
    for (let turn = 0; turn < playing.length; turn++) {
      signal?.throwIfAborted();
      const player = playing[(round + turn) % playing.length]!;
      if (outcomes.has(player.name)) continue;
      await attempt(outcomes, player.name, () => player.play());
    }
  }
  return fewestEnd === undefined ? 0 : performance.now() - fewestEnd;
}

/** How far a result is from the CPU path's, and how far it may be. */
interface Judgement {
  readonly relativeError: number;
  throwIfWrong(): void;
}

/**
 * Judges a result as a whole. It may be as far off as Tilewise's own, which are sums made in f32. Some libraries make sums in
 * half precision where that is the type of the operands; a sum of n terms of random sign, made one term after the other with
 * rounding unit u, is then off by about u sqrt(n / 6) of its size, since each addition rounds a partial sum and those grow as
 * the square root of their number: u sqrt(n) is allowed. A wrong computation is off by far more.
 */
function judge(task: Task, got: ArrayLike<number>, { values, bounds }: ExpectedElements): Judgement {
  const error = relativeSize(
    values.map((value, index) => got[index]! - value),
    values,
  );
  const allowed = Math.max(relativeSize(bounds, values), roundingUnit(task.dtype) * Math.sqrt(termsOf(task)));
  return {
    relativeError: error,
    throwIfWrong() {
      if (error <= allowed) return;
      const off = Number.isNaN(error)
        ? 'it has elements that are no numbers'
        : `it is off by ${percent(error)}`;
      throw new WrongPeerResult(`${off}; rounding explains ${percent(allowed)} at most`);
    },
  };
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
