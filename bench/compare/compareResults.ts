import {
  adjustForCount,
  differenceProbability,
  leastDifferenceProbability,
  ratioOfSeparateMedians,
  type Interval,
} from '../measure/statistics.ts';
import type { BenchResult } from '../schema.ts';
import { differencesBetween, whyIncomparable } from './machines.ts';
import { keyOf, timedRows, type TimedRow } from './timedRows.ts';

export interface CompareOptions {
  /** By how much a median has to differ at least, in percent: what is less is not worth acting on. */
  readonly thresholdPercent: number;
}

/** A probability below this, adjusted for the number of rows, is taken for a difference. */
export const SIGNIFICANCE = 0.05;

/**
 * `slower` and `faster`: beyond noise and beyond the threshold. `same`: not so. `tooFewSamples`: the medians are beyond the
 * threshold, but with so few samples no difference at all could be told from noise. `wrong` and `failed`: was right, and is not any
 * more. `mended`: the other way round.
 */
export type Verdict = 'slower' | 'faster' | 'same' | 'tooFewSamples' | 'wrong' | 'failed' | 'mended';

/** A row that both files have. */
export interface Change extends Omit<TimedRow, 'estimate' | 'kernel'> {
  readonly before: Side;
  readonly after: Side;
  /** Time after divided by time before, with a bootstrap interval of 95 %; null where one of them has none. */
  readonly timeRatio: Interval | null;
  /** Of such a difference where there is none, and the same adjusted for the number of rows. */
  readonly probability: number | null;
  readonly adjustedProbability: number | null;
  readonly verdict: Verdict;
}

interface Side {
  readonly median: number | null;
  readonly samples: number;
  readonly kernel: string;
}

/** What two results files say of each other. */
export interface Changes {
  /** Why the files are not of the same GPU; null where they are. */
  readonly incomparable: string | null;
  /** What else than the program differs. */
  readonly differences: readonly string[];
  readonly rows: readonly Change[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/**
 * Compares what two runs have in common, row by row: a permutation test of the samples, adjusted for the number of rows after
 * Holm, and a threshold for the ratio of the medians.
 */
export function compareResults(
  before: BenchResult,
  after: BenchResult,
  { thresholdPercent }: CompareOptions,
): Changes {
  const [a, b] = [byKey(timedRows(before)), byKey(timedRows(after))];
  const common = [...a.keys()].filter((key) => b.has(key));
  const pairs = common.map((key) => pairOf(a.get(key)!, b.get(key)!));
  const tested = pairs.filter(({ samples }) => samples !== null);
  const adjusted = adjustForCount(tested.map(({ probability }) => probability!));
  const adjustedOf = new Map(tested.map((pair, index) => [pair, adjusted[index]!]));
  const rows = pairs.map((pair): Change => {
    const adjustedProbability = adjustedOf.get(pair) ?? null;
    return {
      ...rowOf(pair.before),
      before: sideOf(pair.before),
      after: sideOf(pair.after),
      timeRatio: pair.timeRatio,
      probability: pair.probability,
      adjustedProbability,
      verdict: verdictOf(pair, adjustedProbability, tested.length, 1 + thresholdPercent / 100),
    };
  });
  const lost = failedOnlyAfter(before, after, b);
  const nameOf = ({ name, shapeText, dtype }: TimedRow): string =>
    [name, shapeText, dtype].filter(Boolean).join(' ');
  const only = (these: ReadonlyMap<string, TimedRow>, those: ReadonlyMap<string, TimedRow>): string[] =>
    [...these].flatMap(([key, row]) => (those.has(key) ? [] : nameOf(row)));
  const lostKeys = new Set(lost.map(keyOf));
  return {
    incomparable: whyIncomparable(before, after) ?? null,
    differences: differencesBetween(before, after),
    rows: [...rows, ...lost],
    onlyBefore: only(new Map([...a].filter(([key]) => !lostKeys.has(key))), b),
    onlyAfter: only(b, a),
  };
}

/** Whether something got slower beyond noise, wrong, or does not run any more. Ceilings are the machine's, not the program's. */
export function hasRegression({ rows }: Changes): boolean {
  return rows.some(
    ({ kind, verdict }) =>
      verdict === 'wrong' || verdict === 'failed' || (verdict === 'slower' && kind !== 'ceiling'),
  );
}

interface Pair {
  readonly before: TimedRow;
  readonly after: TimedRow;
  /** Numbers of samples; null where one side has none. */
  readonly samples: readonly [number, number] | null;
  readonly probability: number | null;
  readonly timeRatio: Interval | null;
}

function pairOf(before: TimedRow, after: TimedRow): Pair {
  if (!before.estimate || !after.estimate) {
    return { before, after, samples: null, probability: null, timeRatio: null };
  }
  const [a, b] = [before.estimate.samples, after.estimate.samples];
  return {
    before,
    after,
    samples: [a.length, b.length],
    probability: differenceProbability(a, b),
    timeRatio: before.unit === 'ns' ? ratioOfSeparateMedians(b, a) : ratioOfSeparateMedians(a, b),
  };
}

function verdictOf(
  { before, after, samples, timeRatio }: Pair,
  adjustedProbability: number | null,
  tests: number,
  threshold: number,
): Verdict {
  if (!samples || !timeRatio || adjustedProbability === null) {
    if (before.estimate) return 'wrong';
    return after.estimate ? 'mended' : 'same';
  }
  const ratio = timeRatio.median;
  if (ratio < threshold && ratio > 1 / threshold) return 'same';
  if (adjustedProbability <= SIGNIFICANCE) return ratio > 1 ? 'slower' : 'faster';
  return leastDifferenceProbability(...samples) * tests > SIGNIFICANCE ? 'tooFewSamples' : 'same';
}

/** Rows that ran before, and of which a kernel failed after. */
function failedOnlyAfter(
  before: BenchResult,
  { leftOut }: BenchResult,
  after: ReadonlyMap<string, TimedRow>,
): Change[] {
  const failures = leftOut.filter(({ failed }) => failed);
  return timedRows(before).flatMap((row): Change[] => {
    const { kind, name } = row;
    const failure = failures.some(
      ({ op, label }) => name === `${op} ${label}` || (kind === 'ceiling' && name === label),
    );
    if (!failure || after.has(keyOf(row))) return [];
    return [
      {
        ...rowOf(row),
        before: sideOf(row),
        after: { median: null, samples: 0, kernel: '' },
        timeRatio: null,
        probability: null,
        adjustedProbability: null,
        verdict: 'failed',
      },
    ];
  });
}

function byKey(rows: readonly TimedRow[]): ReadonlyMap<string, TimedRow> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** What a row is of, without what it came to. */
function rowOf({
  estimate: _estimate,
  kernel: _kernel,
  ...row
}: TimedRow): Omit<TimedRow, 'estimate' | 'kernel'> {
  return row;
}

function sideOf({ estimate, kernel }: TimedRow): Side {
  return { median: estimate?.median ?? null, samples: estimate?.n ?? 0, kernel };
}
