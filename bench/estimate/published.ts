import { findAccelerator } from '../catalog/index.ts';
import type { PublishedMeasurement } from '../catalog/index.ts';

/**
 * Kinds of work that reach a like share of a peak. Three are bound by arithmetic and three by memory; `stream` also stands for
 * memory-bound families that nobody publishes, and `vectorArithmetic` for all arithmetic outside the matrix units.
 */
export type EfficiencyClass =
  | 'tensorMatmul'
  | 'tensorAttention'
  | 'vectorArithmetic'
  | 'matmulStream'
  | 'attentionStream'
  | 'stream';

/** One published measurement as a share of a peak of its accelerator. */
export interface EfficiencyPoint {
  readonly efficiencyClass: EfficiencyClass;
  readonly acceleratorId: string;
  /** Equal for the same work on two accelerators. */
  readonly work: string;
  readonly efficiency: number;
  readonly source: string;
}

/**
 * Time that a dispatch takes whatever it does. NVIDIA's estimator adds the same constant to its memory-bound operations
 * (github ai-dynamo/aiconfigurator@095f58a5, systems/*.yaml).
 */
export const DISPATCH_OVERHEAD_NS = 3000;
export const DISPATCH_OVERHEAD_SOURCE =
  'github ai-dynamo/aiconfigurator@095f58a5 systems/*.yaml: constant for memory operations';

const SIXTEEN_BIT = /^(?:bfloat16|bf16|fp16)$/;

/**
 * Reads a published row as an efficiency, or `undefined` where it says nothing of one: other data types, best shapes of a search
 * (an upper bound by how they were found), attention that writes its scores to memory, whole models.
 */
export function efficiencyPoint(row: PublishedMeasurement): EfficiencyPoint | undefined {
  const accelerator = findAccelerator(row.acceleratorId);
  if (!accelerator) return undefined;
  const { peakTflops, memoryGigabytesPerSecond } = accelerator;
  const sixteenBit = SIXTEEN_BIT.test(row.dtype ?? '');
  const point = (
    efficiencyClass: EfficiencyClass,
    rate: number | undefined,
    peak: number | undefined,
    durationNs?: number,
  ): EfficiencyPoint | undefined =>
    rate === undefined || peak === undefined
      ? undefined
      : {
          efficiencyClass,
          acceleratorId: row.acceleratorId,
          work: [row.workload.replace(/ \(.*\)/, ''), row.dtype, row.size].join(', '),
          efficiency: withoutOverhead(rate / peak, durationNs),
          source: row.source,
        };

  switch (row.kind) {
    case 'gemm':
      return sixteenBit && !row.workload.includes('best shape')
        ? point('tensorMatmul', row.value, peakTflops.fp16Tensor, publishedTimeNs(row) ?? matmulTimeNs(row))
        : undefined;
    case 'attention':
      if (row.unit === 'ms') {
        return point('attentionStream', row.derivedValue, memoryGigabytesPerSecond, row.value * 1e6);
      }
      return sixteenBit && !/standard|naive/i.test(row.workload)
        ? point('tensorAttention', row.value, peakTflops.fp16Tensor, publishedTimeNs(row))
        : undefined;
    case 'gemv':
      return point('matmulStream', row.derivedValue, memoryGigabytesPerSecond, row.value * 1e6);
    case 'membw':
      return point('stream', row.value, memoryGigabytesPerSecond);
    case 'power':
      return row.workload.includes('highest FLOP rate')
        ? point('vectorArithmetic', row.derivedValue, peakTflops.fp32)
        : undefined;
    default:
      return undefined;
  }
}

/** The efficiency of the work itself, when a dispatch of the given duration spends part of it on overhead. */
function withoutOverhead(efficiency: number, durationNs: number | undefined): number {
  if (durationNs === undefined) return efficiency;
  const idealNs = efficiency * durationNs;
  return idealNs / Math.max(durationNs - DISPATCH_OVERHEAD_NS, idealNs);
}

function publishedTimeNs(row: PublishedMeasurement): number | undefined {
  return row.derivedUnit?.startsWith('ms') === true && row.derivedValue !== undefined
    ? row.derivedValue * 1e6
    : undefined;
}

/** The time behind a rate in TFLOP/s of a product whose size is printed as "m1024 n1024 k1024". */
function matmulTimeNs(row: PublishedMeasurement): number | undefined {
  const [, m, n, k] = /^m(\d+) n(\d+) k(\d+)$/.exec(row.size ?? '') ?? [];
  return m === undefined ? undefined : (2 * Number(m) * Number(n) * Number(k)) / (row.value * 1e3);
}
