import type {
  Accelerator,
  AdapterDescription,
  ArithmeticUnit,
  Instance,
  WebgpuReach,
} from '../catalog/index.ts';
import type { Shape } from './model/predict.ts';

/**
 * Whose kernels an estimate is for. `tilewise`: those of this project, from what was measured of them; where nothing was, a vendor's
 * library with the instructions that WebGPU has, and a low end that says how much less a WebGPU kernel may reach.
 * `vendor`: the vendor's own library.
 */
export type Profile = 'tilewise' | 'vendor';

/** One operation at one shape, by what it costs: all that the model needs to know of it. */
export interface Operation {
  /** Names the operation and its shape; measurements and workloads of one name are the same work. */
  readonly name: string;
  /** The family decides which published efficiencies apply; families without any use those of plain streams. */
  readonly op: 'matmul' | 'attention' | (string & {});
  readonly dtype: string;
  /** Additions and multiplications, counted apart. */
  readonly flops: number;
  /** Bytes that have to move between memory and processors at least once. */
  readonly bytes: number;
  /** The unit that the arithmetic is meant for; see `resolveUnit` for what happens where an accelerator lacks it. */
  readonly unit: ArithmeticUnit;
  /** Dispatches that one run of the operation takes; 1 unless given. */
  readonly dispatches?: number | undefined;
  /** Sizes, for tiles and waves; without them a large and even shape is assumed. */
  readonly shape?: Shape | undefined;
  /** Working set of runs that repeat on the same data and may find it in the cache; none unless given. */
  readonly repeatedBytes?: number | undefined;
  /** How long such work keeps the board busy, in ns; a benchmark's few dozen runs unless given. */
  readonly busyNs?: number | undefined;
}

/** Time of one run on the GPU's own clock, as the benchmark reports it. */
export interface MeasuredTime {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** An operation that was measured. Only results that passed their check belong here. */
export interface Measurement {
  readonly operation: Operation;
  readonly gpuTimeNs: MeasuredTime;
}

/** Everything that one benchmark run measured on one adapter. */
export interface MeasuredRun {
  readonly adapter: AdapterDescription & {
    /** Says outright that the adapter is a processor, where the caller knows it; names are looked at all the same. */
    readonly software?: boolean | undefined;
  };
  /** The instance type that the run was made on, where it is known: it names the accelerator when the adapter does not. */
  readonly instanceType?: string | undefined;
  readonly provider?: string | undefined;
  readonly measurements: readonly Measurement[];
}

export interface EstimateRequest {
  readonly workloads: readonly Operation[];
  /** What was measured, the preferred run first. */
  readonly runs?: readonly MeasuredRun[];
  /** The day that prices are judged from, `YYYY-MM-DD`. */
  readonly today: string;
  /** Only these providers; all of them unless given. */
  readonly providers?: readonly string[];
  /** What comes first: most work per dollar (`usd`, default), per second (`throughput`) or per joule (`energy`). */
  readonly sort?: SortKey;
  /** `tilewise` unless given. */
  readonly profile?: Profile;
  /** The price to prefer where an instance has both. */
  readonly pricing?: 'on-demand' | 'spot';
  /** Instances to estimate instead of the catalogue's. */
  readonly instances?: readonly Instance[];
  /** Accelerators that the catalogue lacks or knows less well; instances name them by their ids. */
  readonly accelerators?: readonly Accelerator[];
}

export type SortKey = 'usd' | 'throughput' | 'energy';

/** Where a figure comes from, best first. */
export type Basis = 'measured' | 'scaled' | 'datasheet';

/** The bases in words, for tables. */
export const BASIS_WORDS: Readonly<Record<Basis, string>> = {
  measured: 'measured on this accelerator',
  scaled: 'scaled',
  datasheet: 'datasheet only',
};

/** What keeps an operation from running faster. */
export type Bottleneck = 'arithmetic' | 'memory' | 'dispatch';

/** One number that went into a figure. */
export interface ExplanationInput {
  readonly name: string;
  readonly value: number;
  /** 10th and 90th percentile, where the number is not exact. */
  readonly low?: number;
  readonly high?: number;
  readonly unit: string;
  readonly source: string;
}

/** How a row came about: enough to work it out again by hand. */
export interface Explanation {
  readonly formula: string;
  readonly inputs: readonly ExplanationInput[];
  readonly assumptions: readonly string[];
}

/** How old a price is: `undated` where its list carries no date. */
export type PriceAge = 'current' | 'stale' | 'undated';

/** The instance type that a row of an estimate is about, its price, and the workload; what is unknown is `null`. */
export interface InstanceColumns {
  readonly provider: string;
  readonly instanceType: string;
  /** Id in the catalogue. */
  readonly accelerator: string;
  readonly acceleratorName: string;
  /** Accelerators in the instance; below 1 is a share of one. */
  readonly count: number | null;
  readonly webgpu: WebgpuReach;
  readonly region: string | null;
  readonly usdPerHour: number | null;
  readonly pricing: 'on-demand' | 'spot' | null;
  readonly priceDate: string | null;
  readonly priceAge: PriceAge | null;
  readonly workload: string;
}

/** One workload on one instance type. Figures are for the whole instance; what is unknown is `null`. */
export interface EstimateRow extends InstanceColumns {
  readonly dtype: string;
  /** Median, with the 10th and 90th percentile in `low` and `high`. */
  readonly tflops: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly gigabytesPerSecond: number | null;
  readonly operationsPerSecond: number | null;
  /** The 10th and 90th percentile as shares of the median: they hold for every rate of the row. */
  readonly relativeLow: number | null;
  readonly relativeHigh: number | null;
  /** Throughput per dollar: TFLOP/s for each dollar an hour. */
  readonly tflopsPerUsdHour: number | null;
  /** Drawn from the grid at this work: accelerators, host and PUE. */
  readonly watts: number | null;
  readonly operationsPerJoule: number | null;
  readonly basis: Basis;
  readonly bottleneck: Bottleneck | null;
  readonly explanation: Explanation;
}

export interface EstimateResult {
  /** By workload in the order asked for; within one, sorted, unknown prices and then unknown rates last. */
  readonly rows: readonly EstimateRow[];
  /** Sentences that whoever shows the rows has to show with them. */
  readonly notices: readonly string[];
}
