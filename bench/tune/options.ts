import type { Explanation } from '../../src/index.ts';
import type { Candidate, TimeInterval, TuningRecord } from '../../src/tuning/records.ts';
import type { ModelShape } from '../suites/model.ts';

/** What is tuned, for how long, and who is told. */
export interface TuneOptions {
  /** Operations, as `matmul`, or families of them; all by default. */
  readonly ops?: readonly string[];
  /**
   * Sizes to tune for, instead of a model's: `[m, n, k]` of products, `[rows, columns]` of what goes along rows,
   * `[queries, keys]` of attention. An operation takes those that are as many as its own.
   */
  readonly shapes?: readonly (readonly number[])[];
  /** Calls to tune for, as `explain()` tells them, each at its own problem; instead of `ops`, `shapes` and `model`. */
  readonly calls?: readonly TunableCall[];
  /** The model whose layers give the sizes; Llama-3.1-8B by default. */
  readonly model?: ModelShape;
  /** For all together, in milliseconds; ten minutes by default. */
  readonly budgetMs?: number;
  /** Of the random operands and of the search; 1 by default. */
  readonly seed?: number;
  /** Begins anew, not where an interrupted run left off. */
  readonly fresh?: boolean;
  /** Interrupts the run. The next one goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TuneProgress) => void;
}

/** A call of an operation, as `explain()` tells it. */
export interface TunableCall extends Pick<Explanation, 'op' | 'problem'> {
  /** Its sizes for people, in records and messages; otherwise these say how many elements each operand has. */
  readonly shapeText?: string;
}

/** What a run of the tuner does, as it does it. `name` is the class of problems in words. */
export type TuneProgress =
  /** The device is open: so many classes of problems are to be tuned. */
  | { readonly kind: 'started'; readonly gpu: string; readonly source: string; readonly classes: number }
  /** It looks for a problem that leaves time to try enough. */
  | { readonly kind: 'sizing'; readonly name: string }
  | {
      readonly kind: 'trying';
      readonly name: string;
      readonly candidate: Candidate;
      /** Which candidate this is, from 1, of how many that could run. */
      readonly number: number;
      readonly candidateCount: number;
      readonly best: TimeInterval | undefined;
    }
  /** The best ones are repeated in turns. */
  | { readonly kind: 'comparing'; readonly name: string; readonly candidates: readonly Candidate[] }
  /** A class is through, and its record is kept. */
  | { readonly kind: 'tuned'; readonly name: string; readonly record: TuningRecord }
  | ({ readonly kind: 'leftOut' } & LeftOut);

/** A class that was not tuned. */
export interface LeftOut {
  readonly name: string;
  readonly reason: string;
  /** `done`: in this run or before an interruption; `time`: there was too little; `failed`: nothing could be timed. */
  readonly why: 'done' | 'time' | 'failed';
}

export interface TuneResult {
  /** The GPU as records name it. */
  readonly gpu: string;
  /** It was a processor: the records serve this machine, and say nothing of a GPU. */
  readonly software: boolean;
  /** Where the records are kept, in words. */
  readonly source: string;
  readonly records: readonly TuningRecord[];
  readonly leftOut: readonly LeftOut[];
}
