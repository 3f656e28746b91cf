import * as v from 'valibot';
import type { ArithmeticUnit } from './catalog/index.ts';

/** Raised whenever a field changes its meaning or goes away; new fields leave it as it is. */
export const SCHEMA_VERSION = 3;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Positive = v.pipe(v.number(), v.gtValue(0));
const NotNegative = v.pipe(v.number(), v.minValue(0));
const Text = v.string();

const INTERVAL = { median: Positive, low: Positive, high: Positive, n: v.pipe(Count, v.minValue(1)) };

const ordered = <T extends { low: number; median: number; high: number }>(): v.CheckAction<T, string> =>
  v.check<T, string>(
    ({ low, median, high }) => low <= median && median <= high,
    'expected low <= median <= high',
  );

/** A median with an interval of 95 % (see docs/measuring.md) and the number of samples. */
const IntervalSchema = v.pipe(v.object(INTERVAL), ordered());

/** The same with the samples, in the order in which they were taken. */
const EstimateSchema = v.pipe(
  v.object({ ...INTERVAL, samples: v.pipe(v.array(Positive), v.readonly()) }),
  ordered(),
  v.check(({ n, samples }) => n === samples.length, 'expected as many samples as n says'),
);

const ConfigSchema = v.record(Text, v.union([v.number(), v.boolean()]));

const CheckedSchema = v.object({
  passed: v.boolean(),
  /** Largest absolute difference from the CPU path. */
  maxError: NotNegative,
  /** What was allowed where the result came closest to its bound, or exceeded it most. */
  tolerance: NotNegative,
  /** What was compared. */
  method: Text,
  /** Where a wrong result differs. */
  problem: v.optional(Text),
});

const PassedOverSchema = v.object({ kernel: Text, why: Text });

const UNITS = ['fp32', 'fp16Tensor', 'int8Tensor'] as const satisfies readonly ArithmeticUnit[];

const CeilingShareEntries = {
  /** Share of the ceiling that binds this row; above 100 where the ceiling was measured too low. */
  ceilingPercent: v.nullable(NotNegative),
  /** Name of that ceiling. */
  ceiling: v.nullable(Text),
  /** What it is in. */
  boundBy: v.nullable(v.picklist(['memory', 'arithmetic'])),
};

/** A workload at a problem, and the kernel that Tilewise takes for it. */
const WorkloadRowSchema = v.object({
  op: Text,
  family: Text,
  /** What the shape is of, for instance `prefill gate/up`. */
  label: Text,
  /** Sizes by name. */
  shape: v.record(Text, v.number()),
  shapeText: Text,
  /** The shape that was meant, where the adapter could only afford a smaller one. */
  scaledDownFrom: v.nullable(Text),
  dtype: Text,
  kernel: Text,
  config: ConfigSchema,
});

const MeasurementSchema = v.object({
  ...WorkloadRowSchema.entries,
  /** Why this kernel, and why none that is preferred to it. */
  reason: Text,
  passedOver: v.array(PassedOverSchema),
  dispatches: Count,
  /** On the GPU's clock; null without timestamp queries, on the CPU path, and where the result was wrong. */
  gpuTimeNs: v.nullable(EstimateSchema),
  /** On the host's clock, submission and waiting included; null where the result was wrong. */
  wallTimeNs: v.nullable(EstimateSchema),
  /** Runs in one sample. */
  repeats: v.nullable(Count),
  /** The unit that does the arithmetic where an accelerator has it. */
  unit: v.picklist(UNITS),
  flops: NotNegative,
  /** Bytes that have to move at least; also the working set, except for scratch. */
  workingSetBytes: NotNegative,
  gflops: v.nullable(NotNegative),
  bytesPerSecond: v.nullable(NotNegative),
  ...CeilingShareEntries,
  checked: CheckedSchema,
});

const CeilingSchema = v.object({
  kind: v.picklist([
    'copy',
    'read',
    'write',
    'upload',
    'readBack',
    'f32',
    'f16',
    'i8',
    'subgroupMatrix',
    'integerSubgroupMatrix',
  ]),
  name: Text,
  kernel: Text,
  config: ConfigSchema,
  /** Bytes a second for copies and reads, arithmetic operations a second for the others. */
  perSecond: EstimateSchema,
  workingSetBytes: NotNegative,
  checked: CheckedSchema,
});

const HostTimeSchema = v.object({
  name: Text,
  /** Microseconds for one operation. */
  microseconds: EstimateSchema,
  targetMicroseconds: v.nullable(Positive),
});

const MachineSchema = v.looseObject({
  platform: Text,
  arch: Text,
  kernel: Text,
  distribution: v.nullable(Text),
  cpuModel: Text,
  cpuCount: Count,
  memoryBytes: Count,
  nodeVersion: Text,
  container: v.nullable(Text),
  instance: v.object({
    provider: v.nullable(Text),
    instanceType: v.nullable(Text),
    source: v.picklist(['user', 'metadata', 'firmware', 'none']),
    catalogued: v.boolean(),
  }),
});

const AdapterSchema = v.object({
  backend: v.picklist(['webgpu', 'cpu']),
  vendor: Text,
  architecture: Text,
  device: Text,
  /** The driver in its own words. */
  description: Text,
  /** A processor: its times say nothing of a GPU. */
  software: v.boolean(),
  f16: v.boolean(),
  subgroups: v.nullable(v.object({ minSize: Count, maxSize: Count })),
  subgroupMatrixConfigs: v.array(
    v.object({ componentType: Text, resultType: Text, m: Count, n: Count, k: Count }),
  ),
  timestampQuery: v.boolean(),
  /** The step of the GPU's clock as seen; null where it could not be told. */
  clockStepNs: v.nullable(Positive),
  boundsChecked: v.boolean(),
  features: v.array(Text),
  /** Null for the CPU path's, which has none. */
  limits: v.record(Text, v.nullable(v.number())),
});

const InstanceEstimateSchema = v.object({
  provider: Text,
  instanceType: Text,
  accelerator: Text,
  /** Accelerators in the instance; below 1 is a share of one. */
  count: v.nullable(Positive),
  /** Whether WebGPU reaches the accelerator; where it does not, the row stands for its vendor's library. */
  webgpu: v.picklist(['yes', 'no', 'unverified']),
  region: v.nullable(Text),
  usdPerHour: v.nullable(NotNegative),
  pricing: v.nullable(v.picklist(['on-demand', 'spot'])),
  priceDate: v.nullable(Text),
  workload: Text,
  dtype: Text,
  tflops: v.nullable(NotNegative),
  /** 10th and 90th percentile of `tflops`. */
  low: v.nullable(NotNegative),
  high: v.nullable(NotNegative),
  gigabytesPerSecond: v.nullable(NotNegative),
  tflopsPerUsdHour: v.nullable(NotNegative),
  basis: v.picklist(['measured on this accelerator', 'scaled', 'datasheet only']),
  bottleneck: v.nullable(v.picklist(['arithmetic', 'memory', 'dispatch'])),
});

const LeftOutSchema = v.object({
  op: Text,
  label: Text,
  shapeText: Text,
  dtype: Text,
  reason: Text,
  /** A kernel failed, rather than the row being too much for the time or the adapter. */
  failed: v.boolean(),
});

/** An operation with Dawn's bounds checks beside the same without. */
const BoundsCheckSchema = v.object({
  op: Text,
  label: Text,
  shapeText: Text,
  dtype: Text,
  kernel: Text,
  /** Time with the checks, as browsers have them, divided by time without. */
  ratio: IntervalSchema,
});

const PeerOutcomeSchema = v.object({
  name: Text,
  /** `notOffered`: the library does not have it; `wrong`: its result was, so it has no time; `failed`: it could not run. */
  status: v.picklist(['timed', 'notOffered', 'wrong', 'failed']),
  /** Why it has no time. */
  reason: v.nullable(Text),
  /** One run, on the host's clock. */
  timeNs: v.nullable(EstimateSchema),
  /** Runs in a sample. */
  runs: v.nullable(Count),
  /** Its time divided by Tilewise's in the same rounds, with a bootstrap interval of 95 %: above 1 Tilewise is faster. */
  ratio: v.nullable(IntervalSchema),
  /** Of its result, by root mean square, from the CPU path. */
  relativeError: v.nullable(NotNegative),
});

const ComparisonRowSchema = v.object({
  ...WorkloadRowSchema.entries,
  flops: NotNegative,
  /** Bytes that have to move at least, whoever moves them. */
  workingSetBytes: NotNegative,
  /** Of Tilewise's time. */
  ...CeilingShareEntries,
  /** Tilewise's time of one run, on the host's clock; null where its result was wrong. */
  timeNs: v.nullable(EstimateSchema),
  runs: v.nullable(Count),
  relativeError: v.nullable(NotNegative),
  checked: CheckedSchema,
  peers: v.array(PeerOutcomeSchema),
});

const ComparisonSchema = v.object({
  peers: v.array(
    v.object({
      name: Text,
      /** Null where it takes no part. */
      version: v.nullable(Text),
      /** The device in the driver's words, where the library tells. */
      device: v.nullable(Text),
      /** Why it takes no part. */
      reason: v.nullable(Text),
    }),
  ),
  rows: v.array(ComparisonRowSchema),
});

/** What `tilewise bench --json` writes. */
export const ResultSchema = v.object({
  schema: v.literal(SCHEMA_VERSION),
  createdAt: v.pipe(Text, v.isoTimestamp()),
  versions: v.object({ tilewise: Text, webgpu: v.nullable(Text), node: Text }),
  machine: MachineSchema,
  adapter: AdapterSchema,
  /** The model whose shapes were taken, and how much was asked for. */
  run: v.object({
    model: v.record(Text, v.union([v.string(), v.number(), v.boolean()])),
    extent: v.picklist(['quick', 'default', 'full']),
    seed: Count,
    durationSeconds: NotNegative,
  }),
  ceilings: v.array(CeilingSchema),
  measurements: v.array(MeasurementSchema),
  leftOut: v.array(LeftOutSchema),
  /** Of a run with `--peers`; it has neither measurements nor estimates. */
  comparison: v.optional(ComparisonSchema),
  /** Empty where the run itself was checked, or on the CPU path. */
  boundsChecks: v.array(BoundsCheckSchema),
  host: v.array(HostTimeSchema),
  estimates: v.array(InstanceEstimateSchema),
  /** Sentences without which the estimates mislead. */
  notices: v.array(Text),
});

/** Units of arithmetic that workloads are meant for. */
export type WorkloadUnit = (typeof UNITS)[number];

export type BenchResult = v.InferOutput<typeof ResultSchema>;
export type MeasurementRow = v.InferOutput<typeof MeasurementSchema>;
export type CeilingRow = v.InferOutput<typeof CeilingSchema>;
export type BoundsCheckRow = v.InferOutput<typeof BoundsCheckSchema>;
export type HostRow = v.InferOutput<typeof HostTimeSchema>;
export type EstimateRow = v.InferOutput<typeof InstanceEstimateSchema>;
export type WorkloadRow = v.InferOutput<typeof WorkloadRowSchema>;
export type LeftOutRow = v.InferOutput<typeof LeftOutSchema>;
export type AdapterRow = v.InferOutput<typeof AdapterSchema>;
export type MachineRow = v.InferOutput<typeof MachineSchema>;
export type Comparison = v.InferOutput<typeof ComparisonSchema>;
export type ComparisonRow = v.InferOutput<typeof ComparisonRowSchema>;
export type PeerOutcome = v.InferOutput<typeof PeerOutcomeSchema>;
