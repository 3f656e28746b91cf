import type { Accelerator } from '../catalog/index.ts';
import { arithmeticClass, memoryClass } from './efficiency.ts';
import type { Efficiency } from './efficiency.ts';
import { DISPATCH_OVERHEAD_NS } from './published.ts';
import type { EfficiencyClass } from './published.ts';
import type { Bottleneck, Operation } from './types.ts';
import { resolveUnit, ridgeRange } from './units.ts';
import type { ResolvedUnit } from './units.ts';

/** What an operation would take on an accelerator, bottleneck by bottleneck, if each reached its peak. */
export interface IdealTimes {
  readonly unit: ResolvedUnit;
  readonly arithmeticClass: EfficiencyClass;
  readonly memoryClass: EfficiencyClass;
  readonly arithmeticNs: number;
  readonly memoryNs: number;
  readonly dispatchNs: number;
  readonly assumptions: readonly string[];
}

/** Why an operation cannot be estimated on an accelerator. */
export interface UnknownTimes {
  readonly missing: string;
}

/** Efficiencies to reckon with, one for either side of the roofline. */
export interface EfficiencyPair {
  readonly arithmetic: Efficiency;
  readonly memory: Efficiency;
}

/** Time of one run on one accelerator (or on the share of it): median, with percentiles of the time, not of the rate. */
export interface PredictedTime {
  readonly medianNs: number;
  /** 10th percentile: the fast end. */
  readonly fastNs: number;
  /** 90th percentile: the slow end. */
  readonly slowNs: number;
  readonly bottleneck: Bottleneck;
  /** The efficiency that decides the median. */
  readonly binding: Efficiency;
}

/**
 * Times at the peaks. Where one peak is unknown, the operation can still be placed if no accelerator of the catalogue would be
 * bound by that side: its arithmetic intensity is then below every known ridge point, or above every one.
 *
 * @param share of the accelerator, in (0, 1]: arithmetic and bandwidth are taken to be divided alike
 */
export function idealTimes(
  operation: Operation,
  accelerator: Accelerator,
  share: number,
): IdealTimes | UnknownTimes {
  const unit = resolveUnit(operation.unit, accelerator);
  const bandwidth = accelerator.memoryGigabytesPerSecond;
  const assumptions = [...unit.assumptions];
  const intensity = operation.flops / operation.bytes;
  let arithmeticNs = 0;
  let memoryNs = 0;

  // A rate in TFLOP/s is 1000 operations a nanosecond, one in GB/s is one byte a nanosecond.
  if (unit.peakTflops !== undefined) arithmeticNs = operation.flops / (unit.peakTflops * 1e3) / share;
  else if (bandwidth !== undefined && intensity < ridgeRange(unit.unit).lowest) {
    assumptions.push(
      `The ${unit.unit} rate is unknown; at this intensity no known accelerator is bound by it.`,
    );
  } else return { missing: `the ${unit.unit} rate of ${accelerator.name} is unknown` };

  if (bandwidth !== undefined) memoryNs = operation.bytes / bandwidth / share;
  else if (unit.peakTflops !== undefined && intensity > ridgeRange(unit.unit).highest) {
    assumptions.push(
      'The memory bandwidth is unknown; at this intensity no known accelerator is bound by it.',
    );
  } else return { missing: `the memory bandwidth of ${accelerator.name} is unknown` };

  return {
    unit,
    arithmeticClass: arithmeticClass(operation.op, unit.unit),
    memoryClass: memoryClass(operation.op),
    arithmeticNs,
    memoryNs,
    dispatchNs: (operation.dispatches ?? 1) * DISPATCH_OVERHEAD_NS,
    assumptions,
  };
}

/** The side of the roofline that decides at given efficiencies. */
export function bindingSide(
  ideal: IdealTimes,
  arithmeticEfficiency: number,
  memoryEfficiency: number,
): 'arithmetic' | 'memory' {
  return ideal.arithmeticNs / arithmeticEfficiency >= ideal.memoryNs / memoryEfficiency
    ? 'arithmetic'
    : 'memory';
}

/** Time = the larger of arithmetic and memory, each at its efficiency and never above its ceiling, + dispatch overhead. */
export function predictTime(ideal: IdealTimes, efficiencies: EfficiencyPair): PredictedTime {
  const ceiling = ideal.unit.ceiling?.fraction ?? 1;
  const workNs = (percentile: 'low' | 'median' | 'high'): number =>
    Math.max(
      ideal.arithmeticNs / Math.min(efficiencies.arithmetic[percentile], ceiling),
      ideal.memoryNs / Math.min(efficiencies.memory[percentile], 1),
    );
  const side = bindingSide(
    ideal,
    Math.min(efficiencies.arithmetic.median, ceiling),
    Math.min(efficiencies.memory.median, 1),
  );
  const medianNs = workNs('median');
  return {
    medianNs: medianNs + ideal.dispatchNs,
    fastNs: workNs('high') + ideal.dispatchNs,
    slowNs: workNs('low') + ideal.dispatchNs,
    bottleneck: ideal.dispatchNs > medianNs ? 'dispatch' : side,
    binding: efficiencies[side],
  };
}
