import type { Config, Kernel, MeasuredOperation, Operation } from '../kernels/define.ts';
import type { AdapterIdentity, Capabilities } from '../runtime/capabilities.ts';
import type { Plan } from '../runtime/plan.ts';
import type { DType } from '../tensor.ts';

/** A kernel at one point of its space. */
export interface Candidate {
  readonly kernel: string;
  readonly config: Config;
}

/** A median time of one run, an interval that holds the true one, and the number of samples. */
export interface TimeInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** What became of a candidate. */
export type Outcome = Candidate &
  (
    | {
        /** `slow`: given up after a few samples, all of them slower than the best one's. */
        readonly result: 'timed' | 'slow';
        readonly timeNs: TimeInterval;
      }
    | {
        /** `crashed`: the process ended, or the device was lost, while it ran. */
        readonly result: 'wrong' | 'failed' | 'crashed';
        readonly reason: string;
      }
  );

/** What tuning found out about one class of problems on one GPU. */
export interface TuningRecord {
  readonly op: string;
  readonly dtype: DType;
  readonly shapeClass: string;
  /** `gpuKey()` of the adapter that was measured. */
  readonly gpu: string;
  /** The adapter was a processor: the record is good for itself, and says nothing of a GPU. */
  readonly software: boolean;
  /** The driver in its own words. */
  readonly driver: string;
  readonly boundsChecked: boolean;
  /** The problem that stood for its class, in words. */
  readonly problem: string;
  /** `candidatesChecksum()` of the operation as it was measured: after any change to a kernel's text or space the record is stale. */
  readonly checksum: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  /** How many candidates were legal; `outcomes` has those that were tried. */
  readonly candidateCount: number;
  readonly outcomes: readonly Outcome[];
  /** What the library would choose without a record. */
  readonly untuned: Candidate;
  /**
   * What to run, the fastest first: those that were faster than `untuned` beyond noise, then `untuned`. The first that is legal for
   * a problem of the class is taken.
   */
  readonly ranking: readonly Candidate[];
}

/** Raised whenever a field of a record changes its meaning or goes away. */
export const TUNING_SCHEMA_VERSION = 1;

/** The records of one GPU, as a file. */
export interface TuningFile {
  readonly schema: typeof TUNING_SCHEMA_VERSION;
  readonly gpu: string;
  readonly records: readonly TuningRecord[];
}

/** Records, and where they come from, in words for the user. */
export interface RecordBook {
  readonly source: string;
  readonly records: readonly TuningRecord[];
}

/** The user's own records of a GPU: where they are, in words, and what is there. */
export interface OwnRecords {
  readonly source: string;
  readonly json: unknown;
}

/** Where a platform keeps records. */
export interface RecordStore {
  /** The user's own of a GPU, or undefined where there are none. */
  readOwn(gpu: string): Promise<OwnRecords | undefined>;
  /** What the user points to. */
  readAt(location: string): Promise<unknown>;
}

/** What the records say about a problem. */
export interface TuningNote {
  /** `stale`: a kernel has changed since; `unsuitable`: nothing of the record's ranking runs this problem; `none`: there is no record. */
  readonly state: 'used' | 'stale' | 'unsuitable' | 'none';
  /** In words: which record, of when and where, and why it was not used if it was not. */
  readonly text: string;
}

/** A record's choice for a problem, or only what there is to say: nothing where there is no record. */
export type Consultation<P> =
  | { readonly note: TuningNote; readonly choice: { readonly kernel: Kernel<P>; readonly config: Config } }
  | { readonly note?: TuningNote; readonly choice?: undefined };

/** @param runs whether the adapter can run a plan */
export type Consult = <P>(
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  runs: (plan: Plan) => boolean,
) => Consultation<P>;

/** Where no record is. */
export const noRecord: Consult = () => ({});

/** Identifies a GPU model, not a machine: vendor and device name, without the driver's version. */
export function gpuKey(adapter: AdapterIdentity): string {
  return [adapter.vendor, adapter.device || adapter.architecture].join('/').toLowerCase();
}

/** The key of a record: problems of equal keys are tuned alike. */
export function classOf<P>(
  operation: MeasuredOperation<P>,
  problem: P,
): Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'> {
  return {
    op: operation.name,
    dtype: operation.dtype(problem),
    shapeClass: operation.shapeClass(problem),
  };
}
