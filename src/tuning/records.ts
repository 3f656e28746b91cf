import type { Config, Kernel, Operation } from '../kernels/define.ts';
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

/** What the records say about a problem. */
export interface TuningNote {
  /** `stale`: a kernel has changed since; `unsuitable`: nothing of the record's ranking runs this problem; `none`: there is no record. */
  readonly state: 'used' | 'stale' | 'unsuitable' | 'none';
  /** In words: which record, of when and where, and why it was not used if it was not. */
  readonly text: string;
}

/** A record's choice for a problem, or only what there is to say. */
export interface Consultation<P> {
  readonly note: TuningNote;
  readonly choice?: { readonly kernel: Kernel<P>; readonly config: Config };
}

/** Identifies a GPU model, not a machine: vendor and device name, without the driver's version. */
export function gpuKey(adapter: AdapterIdentity): string {
  return [adapter.vendor, adapter.device || adapter.architecture].join('/').toLowerCase();
}

/** The key of a record: problems of equal keys are tuned alike. */
export function classOf<P>(
  operation: Operation<P>,
  problem: P,
): Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'> {
  return {
    op: operation.name,
    dtype: operation.dtype(problem),
    shapeClass: operation.shapeClass(problem),
  };
}

/** Whether two records, or the keys of two problems, are of one class. */
export function sameClass(
  a: Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'>,
  b: Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'>,
): boolean {
  return a.op === b.op && a.dtype === b.dtype && a.shapeClass === b.shapeClass;
}

/**
 * FNV-1a over the names, spaces and WGSL texts of an operation's kernels, comments apart: tells texts apart, needs no
 * cryptography.
 */
export function candidatesChecksum<P>({ kernels }: Pick<Operation<P>, 'kernels'>): string {
  const known = checksums.get(kernels);
  if (known !== undefined) return known;
  const text = kernels
    .flatMap(({ name, space, parts }) => [
      name,
      JSON.stringify(space),
      ...parts.map(({ code }) => withoutComments(code)),
    ])
    .join('\0');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  const checksum = (hash >>> 0).toString(16).padStart(8, '0');
  checksums.set(kernels, checksum);
  return checksum;
}

/** What the builds leave of a text, and white space apart: a record is as good for the one as for the other. */
function withoutComments(code: string): string {
  return code
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** An operation's text is long, and many problems ask for it. */
const checksums = new WeakMap<object, string>();

/**
 * What the first book that has a record for the problem, on this GPU, says about it; the next is asked where it is of no use.
 *
 * @param runs whether the adapter can run a plan
 */
export function consult<P>(
  books: readonly RecordBook[],
  operation: Operation<P>,
  problem: P,
  caps: Capabilities,
  runs: (plan: Plan) => boolean,
): Consultation<P> {
  const wanted = classOf(operation, problem);
  const gpu = gpuKey(caps.adapter);
  let useless: TuningNote | undefined;
  for (const { source, records } of books) {
    const record = records.find((candidate) => candidate.gpu === gpu && sameClass(candidate, wanted));
    if (!record) continue;
    const which = `the record of ${record.problem}, ${record.measuredAt.slice(0, 10)} (${source})`;
    if (record.checksum !== candidatesChecksum(operation)) {
      useless ??= {
        state: 'stale',
        text: `${which} is stale: kernels have changed since; \`npx tilewise tune ${record.op}\` makes a new one`,
      };
      continue;
    }
    const choice = firstThatRuns(record, operation, problem, caps, runs);
    if (choice) {
      const driver = caps.adapter.description;
      const other = record.driver === driver ? '' : `, made with another driver (${record.driver})`;
      return { choice, note: { state: 'used', text: `${which}${other}` } };
    }
    useless ??= { state: 'unsuitable', text: `nothing that ${which} prefers is legal for this problem` };
  }
  return {
    note: useless ?? {
      state: 'none',
      text: `there is no record of ${wanted.op}, ${wanted.dtype}, ${wanted.shapeClass} on ${gpu}`,
    },
  };
}

function firstThatRuns<P>(
  { ranking }: TuningRecord,
  { kernels }: Operation<P>,
  problem: P,
  caps: Capabilities,
  runs: (plan: Plan) => boolean,
): Consultation<P>['choice'] {
  for (const { kernel: name, config } of ranking) {
    const kernel = kernels.find((candidate) => candidate.name === name);
    if (kernel?.supports(problem, caps) !== true || !kernel.legal(config, problem, caps)) continue;
    if (runs(kernel.plan(problem, config, caps))) return { kernel, config };
  }
  return undefined;
}
