import { median, quantile } from 'simple-statistics';
import type { Accelerator } from '../catalog/index.ts';
import type { ErrorClass } from './model/parameters.ts';
import { reachOf } from './model/interval.ts';
import type { Placement } from './place.ts';
import { place } from './place.ts';
import type { UsableRun } from './runs.ts';
import type { Operation, Profile } from './types.ts';
import { runsTilewise } from './units.ts';

/** How far below a vendor's library, or below its own best, a WebGPU kernel may fall: a factor on the low end of a rate. */
interface Loss {
  readonly factor: number;
  readonly source: string;
}

const NO_LOSS: Loss = { factor: 1, source: 'none' };

const MATRIX_CLASSES: ReadonlySet<ErrorClass> = new Set(['matmul', 'lowPrecisionMatmul', 'attention']);

/** Below the vendor's library, where nothing was measured. */
function lossToVendor(errorClass: ErrorClass): Loss {
  return MATRIX_CLASSES.has(errorClass)
    ? {
        factor: 1 / 3,
        source: 'github ikawrakow/ik_llama.cpp PR 574: cooperative matrices at a third of CUDA',
      }
    : {
        factor: 0.442,
        source: 'github ggml-org/llama.cpp PR 22241: one WGSL configuration on four GPUs, the worst',
      };
}

/** Below the ratio seen on the measured accelerator, because a configuration that suits one GPU suits another less. */
function lossInTransfer(errorClass: ErrorClass): Loss {
  return {
    factor: MATRIX_CLASSES.has(errorClass) ? 0.744 : 0.795,
    source: 'github ggml-org/llama.cpp PR 22241: one WGSL configuration on four GPUs, the mean',
  };
}

/** What a measured operation took, against what the model gives a vendor's library on the same accelerator. */
export interface MeasuredRatio {
  readonly operation: Operation;
  readonly accelerator: Accelerator;
  readonly errorClass: ErrorClass;
  /** Of times: above 1 is slower than the vendor's library. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Reads every measurement as a ratio. Those on unknown peaks give none. */
export function measuredRatios(runs: readonly UsableRun[]): readonly MeasuredRatio[] {
  return runs.flatMap(({ accelerator, share, measurements }) =>
    measurements.flatMap(({ operation, gpuTimeNs }) => {
      const placement = place(operation, accelerator, share, 'tilewise');
      if ('missing' in placement) return [];
      const { totalNs, errorClass } = placement.prediction;
      return {
        operation,
        accelerator,
        errorClass,
        median: gpuTimeNs.median / totalNs,
        low: gpuTimeNs.low / totalNs,
        high: gpuTimeNs.high / totalNs,
      };
    }),
  );
}

/** Whether two operations are the same work. */
export function sameWork(a: Operation, b: Operation): boolean {
  return a.name === b.name && a.dtype === b.dtype;
}

/** Times to reckon with: 10th, 50th and 90th percentile, and where they come from. */
export interface PlacedTime {
  readonly fastNs: number;
  readonly medianNs: number;
  readonly slowNs: number;
  readonly basis: 'scaled' | 'datasheet';
  /** What the model's time was multiplied by. */
  readonly ratio: number;
  readonly loss: Loss;
  /** ln of slow by median before the loss. */
  readonly reach: number;
  readonly source: string;
}

/**
 * The time of a placed operation. Best is the model's time, times what the same work took elsewhere against the model there; then
 * what work of its kind took; then the model's time as it is, which is a vendor's library's. No time is below the peaks.
 */
export function placedTime(
  operation: Operation,
  accelerator: Accelerator,
  placement: Placement,
  measured: readonly MeasuredRatio[],
  profile: Profile,
): PlacedTime {
  const { prediction, spread, floorNs } = placement;
  const { errorClass, totalNs, overheadNs } = prediction;
  const floor = floorNs + overheadNs;
  const times = (
    median: number,
    fast: number,
    slow: number,
  ): Pick<PlacedTime, 'fastNs' | 'medianNs' | 'slowNs'> => {
    const medianNs = Math.max(median, floor);
    return { medianNs, fastNs: Math.max(fast, floor), slowNs: Math.max(slow, medianNs) };
  };
  const reach = reachOf(spread);
  const factor = Math.exp(reach);
  const held = `held out of the fit, ${spread.points} published measurements on ${spread.accelerators} accelerators`;
  const ofClass = measured.filter((candidate) => candidate.errorClass === errorClass);
  const own = ofClass.filter((candidate) => sameWork(candidate.operation, operation));
  const used = own.length > 0 ? own : ofClass;
  if (!runsTilewise(accelerator, profile) || used.length === 0) {
    const loss = runsTilewise(accelerator, profile) ? lossToVendor(errorClass) : NO_LOSS;
    return {
      ...times(totalNs, totalNs / factor, (totalNs * factor) / loss.factor),
      basis: 'datasheet',
      ratio: 1,
      loss,
      reach,
      source: `vendor libraries; interval: errors on accelerators ${held}`,
    };
  }
  const ratio = median(used.map((candidate) => candidate.median));
  const low = quantile(
    used.map((candidate) => candidate.low),
    0.1,
  );
  const high = quantile(
    used.map((candidate) => candidate.high),
    0.9,
  );
  const loss = lossInTransfer(errorClass);
  const names = [...new Set(used.map((candidate) => candidate.accelerator.name))].join(', ');
  const what = own.length > 0 ? 'this operation' : `${used.length} operations of its kind`;
  // The model may be off here and there; for other work it may be off twice in either place.
  const reachOfRatio = reach * (own.length > 0 ? Math.SQRT2 : 2);
  const both = Math.exp(reachOfRatio);
  return {
    ...times(totalNs * ratio, (totalNs * low) / both, (totalNs * high * both) / loss.factor),
    basis: 'scaled',
    ratio,
    loss,
    reach: reachOfRatio,
    source: `${what}, measured on ${names}; interval: errors on accelerators ${held}`,
  };
}
