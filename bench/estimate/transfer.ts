import { median, quantile } from 'simple-statistics';
import type { Accelerator } from '../catalog/index.ts';
import { vendorProfile } from './efficiency.ts';
import type { Efficiency } from './efficiency.ts';
import type { EfficiencyClass } from './published.ts';
import { bindingSide, idealTimes } from './roofline.ts';
import type { IdealTimes } from './roofline.ts';
import type { UsableRun } from './runs.ts';
import type { Operation } from './types.ts';

/** How far below a vendor's library, or below its own best, a WebGPU kernel may fall: a factor on the low end. */
interface Loss {
  readonly factor: number;
  readonly source: string;
}

const TENSOR_CLASSES: ReadonlySet<EfficiencyClass> = new Set(['tensorMatmul', 'tensorAttention']);

/** Below the vendor's library, where nothing was measured. */
function lossToVendor(efficiencyClass: EfficiencyClass): Loss {
  return TENSOR_CLASSES.has(efficiencyClass)
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
function lossInTransfer(efficiencyClass: EfficiencyClass): Loss {
  return {
    factor: TENSOR_CLASSES.has(efficiencyClass) ? 0.744 : 0.795,
    source: 'github ggml-org/llama.cpp PR 22241: one WGSL configuration on four GPUs, the mean',
  };
}

/** The share of a peak that a measured operation reached, on the side of the roofline that bound it. */
export interface MeasuredEfficiency {
  readonly operation: Operation;
  readonly accelerator: Accelerator;
  readonly efficiencyClass: EfficiencyClass;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Reads every measurement as the share it reached of what bound it. Those on unknown peaks give none. */
export function measuredEfficiencies(runs: readonly UsableRun[]): readonly MeasuredEfficiency[] {
  const profile = vendorProfile();
  return runs.flatMap((run) =>
    run.measurements.flatMap(({ operation, gpuTimeNs }) => {
      const ideal = idealTimes(operation, run.accelerator, run.share);
      if ('missing' in ideal) return [];
      // The side is decided by published efficiencies alone, so that a faster measurement never changes sides.
      const side = bindingSide(
        ideal,
        profile[ideal.arithmeticClass].efficiency.median,
        profile[ideal.memoryClass].efficiency.median,
      );
      const idealNs = side === 'arithmetic' ? ideal.arithmeticNs : ideal.memoryNs;
      const reached = (timeNs: number): number => idealNs / Math.max(timeNs - ideal.dispatchNs, idealNs);
      return {
        operation,
        accelerator: run.accelerator,
        efficiencyClass: side === 'arithmetic' ? ideal.arithmeticClass : ideal.memoryClass,
        median: reached(gpuTimeNs.median),
        low: reached(gpuTimeNs.high),
        high: reached(gpuTimeNs.low),
      };
    }),
  );
}

/** Whether two operations are the same work. */
export function sameWork(a: Operation, b: Operation): boolean {
  return a.name === b.name && a.dtype === b.dtype;
}

/**
 * The efficiencies to predict an operation with. Best is what the same work reached elsewhere, then what work of the
 * class did, then what vendors' libraries do. Accelerators beyond WebGPU take the vendor's figures as they are.
 */
export function efficienciesFor(
  operation: Operation,
  ideal: IdealTimes,
  target: Accelerator,
  measured: readonly MeasuredEfficiency[],
): { readonly arithmetic: Efficiency; readonly memory: Efficiency } {
  const choose = (efficiencyClass: EfficiencyClass): Efficiency => {
    if (target.webgpu === 'no') return vendorProfile()[efficiencyClass].efficiency;
    const ofClass = measured.filter((candidate) => candidate.efficiencyClass === efficiencyClass);
    const own = ofClass.filter((candidate) => sameWork(candidate.operation, operation));
    if (own.length > 0) return scaledEfficiency(efficiencyClass, own, true);
    if (ofClass.length > 0) return scaledEfficiency(efficiencyClass, ofClass, false);
    return widenedEfficiency(efficiencyClass);
  };
  return { arithmetic: choose(ideal.arithmeticClass), memory: choose(ideal.memoryClass) };
}

function scaledEfficiency(
  efficiencyClass: EfficiencyClass,
  measured: readonly MeasuredEfficiency[],
  sameWork: boolean,
): Efficiency {
  const fitted = vendorProfile()[efficiencyClass];
  const spread = sameWork ? fitted.sameWork : fitted.anyWork;
  const loss = lossInTransfer(efficiencyClass);
  const names = [...new Set(measured.map((candidate) => candidate.accelerator.name))].join(', ');
  const center = median(measured.map((candidate) => candidate.median));
  const low = quantile(
    measured.map((candidate) => candidate.low),
    0.1,
  );
  const high = quantile(
    measured.map((candidate) => candidate.high),
    0.9,
  );
  return {
    median: center,
    low: low * Math.min(spread.low, 1) * loss.factor,
    high: Math.min(high * Math.max(spread.high, 1), 1),
    basis: 'scaled',
    source:
      `${sameWork ? 'this operation' : `${measured.length} operations of its kind`}, measured on ${names}; ` +
      `interval: ${spread.source}; low end x ${loss.factor} (${loss.source})`,
  };
}

function widenedEfficiency(efficiencyClass: EfficiencyClass): Efficiency {
  const { efficiency } = vendorProfile()[efficiencyClass];
  const loss = lossToVendor(efficiencyClass);
  return {
    ...efficiency,
    low: efficiency.low * loss.factor,
    source: `vendor libraries, ${efficiency.source}; low end x ${loss.factor.toFixed(3)} for a WebGPU kernel (${loss.source})`,
  };
}
