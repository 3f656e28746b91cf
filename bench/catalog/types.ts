/** Whether a WebGPU program can reach an accelerator: known to, known not to, or not verified by anybody. */
export type WebgpuReach = 'yes' | 'no' | 'unverified';

/** Units of arithmetic whose rates data sheets print, dense, without structured sparsity. */
export type ArithmeticUnit =
  | 'fp32'
  | 'fp16Vector'
  | 'fp16Tensor'
  | 'bf16Tensor'
  | 'tf32Tensor'
  | 'fp8Tensor'
  | 'fp4Tensor'
  | 'int8Tensor';

/**
 * One accelerator model. A figure that nobody published is `undefined`, never a guess. Rates are those of the whole
 * device, and dense; capacities and bandwidths are decimal, as data sheets print them.
 */
export interface Accelerator {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string | undefined;
  readonly year: number | undefined;
  readonly memoryGb: number | undefined;
  readonly memoryGigabytesPerSecond: number | undefined;
  /** Peak rates in TFLOP/s (`int8Tensor`: 10^12 operations per second). */
  readonly peakTflops: Readonly<Record<ArithmeticUnit, number | undefined>>;
  readonly lastLevelCacheMb: number | undefined;
  /** Streaming multiprocessors (NVIDIA), compute units (AMD) or their like. */
  readonly processorCount: number | undefined;
  readonly boostMhz: number | undefined;
  readonly boardWatts: number | undefined;
  readonly interconnect: string | undefined;
  readonly webgpu: WebgpuReach;
  /** Which figures follow from others, and how. */
  readonly derivedFields: string | undefined;
  /** The fp16 tensor rate worked out from processors and clock, against the one printed. */
  readonly peakCheck: string | undefined;
  /** Where sources contradict each other, and which was taken. */
  readonly notes: string | undefined;
  readonly source: string;
}

/** One instance type that a provider rents, with its list prices where they are known. */
export interface Instance {
  readonly provider: string;
  readonly instanceType: string;
  readonly acceleratorId: string;
  /** Accelerators in the instance: below 1 is a share of one; `undefined` where no source says. */
  readonly acceleratorCount: number | undefined;
  readonly vcpuCount: number | undefined;
  readonly memoryGb: number | undefined;
  readonly networkGigabitsPerSecond: number | undefined;
  readonly localStorageGb: number | undefined;
  readonly onDemandUsdPerHour: number | undefined;
  readonly spotUsdPerHour: number | undefined;
  readonly region: string | undefined;
  /** `YYYY-MM-DD`, the date of the price list; `undefined` where the list carries none. */
  readonly priceDate: string | undefined;
  readonly source: string;
  readonly note: string | undefined;
}

/** A throughput, bandwidth, latency or power that somebody measured and published. */
export interface PublishedMeasurement {
  readonly kind: 'gemm' | 'gemv' | 'attention' | 'membw' | 'allreduce' | 'link' | 'llm' | 'image' | 'power';
  readonly acceleratorId: string;
  readonly acceleratorCount: number;
  readonly workload: string;
  readonly dtype: string | undefined;
  readonly size: string | undefined;
  readonly value: number;
  readonly unit: string;
  /** What follows from `value`, in `derivedUnit`: a bandwidth from a time, for example. */
  readonly derivedValue: number | undefined;
  readonly derivedUnit: string | undefined;
  readonly source: string;
  readonly date: string | undefined;
  readonly note: string | undefined;
}

/** A fact on power, data centers, prices under contract, or the deals between companies. */
export interface FacilityFact {
  /** `deal`, `capacity_block`, `pue`, `node_power` and others. */
  readonly topic: string;
  readonly subject: string;
  readonly metric: string;
  /** As the source puts it: not always a number. */
  readonly value: string | undefined;
  readonly unit: string | undefined;
  readonly date: string | undefined;
  readonly source: string | undefined;
  readonly note: string | undefined;
}
