import { mean, median, quantile } from 'simple-statistics';
import { publishedMeasurements } from '../catalog/index.ts';
import type { ArithmeticUnit, PublishedMeasurement } from '../catalog/index.ts';
import { efficiencyPoint } from './published.ts';
import type { EfficiencyClass, EfficiencyPoint } from './published.ts';
import { isTensorUnit } from './units.ts';

/** A share of a peak: median, 10th and 90th percentile, and where it comes from. */
export interface Efficiency {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly basis: 'scaled' | 'datasheet';
  readonly source: string;
}

/** How an efficiency on one accelerator differs from that on another: 10th and 90th percentile of their ratio. */
export interface Spread {
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

/** One class of work, fitted on published measurements. */
export interface FittedClass {
  readonly efficiency: Efficiency;
  /** Between accelerators, for the same work. */
  readonly sameWork: Spread;
  /** Between accelerators, for any two pieces of work of the class. */
  readonly anyWork: Spread;
  readonly pointCount: number;
  readonly acceleratorIds: readonly string[];
  /** Mean of |predicted - published| / published, each accelerator predicted from the others alone. */
  readonly leaveOneOutError: number;
}

export type EfficiencyProfile = Readonly<Record<EfficiencyClass, FittedClass>>;

/** The class of an operation's arithmetic, by the unit that really does it. */
export function arithmeticClass(op: string, unit: ArithmeticUnit): EfficiencyClass {
  if (!isTensorUnit(unit)) return 'vectorArithmetic';
  return op === 'attention' ? 'tensorAttention' : 'tensorMatmul';
}

/** The class of an operation's memory traffic. */
export function memoryClass(op: string): EfficiencyClass {
  if (op === 'matmul') return 'matmulStream';
  return op === 'attention' ? 'attentionStream' : 'stream';
}

let vendor: EfficiencyProfile | undefined;

/** What vendors' own libraries reach: `published-throughput.csv`, fitted when first asked for. */
export function vendorProfile(): EfficiencyProfile {
  vendor ??= fitProfile(publishedMeasurements);
  return vendor;
}

/**
 * Fits every class on published measurements. The median is that of the accelerators' medians, so that one which was
 * measured often does not outvote the others. The percentiles are those of published / predicted, each accelerator predicted
 * from the others alone: they say how far off an accelerator is that nobody measured.
 *
 * @throws Error when a class has measurements of fewer than two accelerators
 */
export function fitProfile(published: readonly PublishedMeasurement[]): EfficiencyProfile {
  const points = published.flatMap((row) => efficiencyPoint(row) ?? []);
  const fit = (efficiencyClass: EfficiencyClass): FittedClass =>
    fitClass(
      efficiencyClass,
      points.filter((point) => point.efficiencyClass === efficiencyClass),
    );
  return {
    tensorMatmul: fit('tensorMatmul'),
    tensorAttention: fit('tensorAttention'),
    vectorArithmetic: fit('vectorArithmetic'),
    matmulStream: fit('matmulStream'),
    attentionStream: fit('attentionStream'),
    stream: fit('stream'),
  };
}

function fitClass(name: EfficiencyClass, points: readonly EfficiencyPoint[]): FittedClass {
  const acceleratorIds = [...new Set(points.map((point) => point.acceleratorId))];
  if (acceleratorIds.length < 2)
    throw new Error(`${name}: measurements of two accelerators are needed at least`);
  const center = medianOfMedians(points);
  const residuals = points.map((point) => {
    const others = points.filter((other) => other.acceleratorId !== point.acceleratorId);
    return point.efficiency / medianOfMedians(others);
  });
  const origin = `${points.length} measurements on ${acceleratorIds.length} accelerators: ${origins(points)}`;
  return {
    efficiency: {
      median: center,
      low: center * quantile(residuals, 0.1),
      high: center * quantile(residuals, 0.9),
      basis: 'datasheet',
      source: origin,
    },
    sameWork: spread(points, true, origin),
    anyWork: spread(points, false, origin),
    pointCount: points.length,
    acceleratorIds,
    leaveOneOutError: mean(residuals.map((residual) => Math.abs(1 / residual - 1))),
  };
}

function medianOfMedians(points: readonly EfficiencyPoint[]): number {
  const byAccelerator = new Map<string, number[]>();
  for (const { acceleratorId, efficiency } of points) {
    byAccelerator.set(acceleratorId, [...(byAccelerator.get(acceleratorId) ?? []), efficiency]);
  }
  return median([...byAccelerator.values()].map((efficiencies) => median(efficiencies)));
}

function spread(points: readonly EfficiencyPoint[], sameWork: boolean, source: string): Spread {
  const ratios = points.flatMap((from) =>
    points
      .filter((to) => to.acceleratorId !== from.acceleratorId && (!sameWork || to.work === from.work))
      .map((to) => to.efficiency / from.efficiency),
  );
  return {
    low: quantile(ratios, 0.1),
    high: quantile(ratios, 0.9),
    source: `ratios between accelerators, ${source}`,
  };
}

/** The publications behind points: repository and commit where the source names one. */
function origins(points: readonly EfficiencyPoint[]): string {
  return [...new Set(points.map(({ source }) => /^github \S+@\w+/.exec(source)?.[0] ?? source))].join('; ');
}
