import { findAccelerator, instances as catalogueInstances } from '../catalog/index.ts';
import type { Accelerator, Instance } from '../catalog/index.ts';
import { explainMeasurement, explainPrediction, explainUnknown } from './explain.ts';
import { priceOf, STALE_AFTER_MONTHS } from './price.ts';
import { idealTimes, predictTime } from './roofline.ts';
import { usableRuns } from './runs.ts';
import type { UsableRun } from './runs.ts';
import { efficienciesFor, measuredEfficiencies, sameWork } from './transfer.ts';
import type { MeasuredEfficiency } from './transfer.ts';
import type { EstimateRequest, EstimateResult, EstimateRow, Measurement, Operation } from './types.ts';
import { validateRequest } from './validate.ts';

/**
 * What each workload yields on each instance type. A row is measured where a run covers the same work on the same
 * accelerator, else scaled by the share of the peak that the run reached, else worked out from data sheets and from
 * what vendors' libraries reach.
 *
 * @throws RangeError on a workload, measurement, provider or date that makes no sense
 */
export function estimate(request: EstimateRequest): EstimateResult {
  validateRequest(request);
  const { workloads, runs = [], providers, sort = 'usd', instances = catalogueInstances } = request;
  const { usable, notices } = usableRuns(runs);
  const efficiencies = measuredEfficiencies(usable);
  const offered = instances.filter(
    (instance) => providers === undefined || providers.includes(instance.provider),
  );
  const rows = workloads.flatMap((operation) =>
    offered
      .map((instance) => estimateRow(operation, instance, usable, efficiencies, request))
      .sort(sort === 'usd' ? byWorkPerDollar : byWorkPerSecond),
  );
  return { rows, notices: [...new Set([...notices, ...rowNotices(rows)])] };
}

function estimateRow(
  operation: Operation,
  instance: Instance,
  runs: readonly UsableRun[],
  efficiencies: readonly MeasuredEfficiency[],
  { pricing = 'on-demand', today }: EstimateRequest,
): EstimateRow {
  const accelerator = findAccelerator(instance.acceleratorId);
  if (!accelerator) {
    throw new RangeError(`${instance.instanceType}: unknown accelerator "${instance.acceleratorId}"`);
  }
  const price = priceOf(instance, pricing, today);
  const rate = rateOf(operation, instance, accelerator, runs, efficiencies);
  const perSecond = rate.perSecond ?? { median: null, low: null, high: null };
  const tflops = (operationsPerSecond: number | null): number | null =>
    operationsPerSecond === null ? null : (operationsPerSecond * operation.flops) / 1e12;
  const ratio = (part: number | null): number | null =>
    part === null || perSecond.median === null ? null : part / perSecond.median;
  const median = tflops(perSecond.median);
  return {
    provider: instance.provider,
    instanceType: instance.instanceType,
    accelerator: accelerator.id,
    acceleratorName: accelerator.name,
    count: instance.acceleratorCount ?? null,
    webgpu: accelerator.webgpu,
    region: instance.region ?? null,
    usdPerHour: price?.usdPerHour ?? null,
    pricing: price?.pricing ?? null,
    priceDate: price?.priceDate ?? null,
    priceAge: price?.priceAge ?? null,
    workload: operation.name,
    dtype: operation.dtype,
    tflops: median,
    low: tflops(perSecond.low),
    high: tflops(perSecond.high),
    gigabytesPerSecond: perSecond.median === null ? null : (perSecond.median * operation.bytes) / 1e9,
    operationsPerSecond: perSecond.median,
    relativeLow: ratio(perSecond.low),
    relativeHigh: ratio(perSecond.high),
    tflopsPerUsdHour: median === null || price === undefined ? null : median / price.usdPerHour,
    basis: rate.basis,
    bottleneck: rate.bottleneck,
    explanation: rate.explanation,
  };
}

/** Runs of the operation a second on the whole instance, and where the figure comes from. */
type Rate = Pick<EstimateRow, 'basis' | 'bottleneck' | 'explanation'> & {
  readonly perSecond: { readonly median: number; readonly low: number; readonly high: number } | undefined;
};

function rateOf(
  operation: Operation,
  instance: Instance,
  accelerator: Accelerator,
  runs: readonly UsableRun[],
  efficiencies: readonly MeasuredEfficiency[],
): Rate {
  const unknown = (missing: string): Rate => ({
    perSecond: undefined,
    basis: 'datasheet',
    bottleneck: null,
    explanation: explainUnknown(operation, instance, missing),
  });
  const count = instance.acceleratorCount;
  if (count === undefined) return unknown(`how many accelerators ${instance.instanceType} has is unknown`);
  const share = Math.min(count, 1);
  const perNs = (count / share) * 1e9;
  const measured = measurementOf(operation, accelerator, share, runs);
  if (measured) {
    const { low, median, high } = measured.gpuTimeNs;
    return {
      perSecond: { median: perNs / median, low: perNs / high, high: perNs / low },
      basis: 'measured',
      bottleneck: null,
      explanation: explainMeasurement(measured, instance),
    };
  }
  const ideal = idealTimes(operation, accelerator, share);
  if ('missing' in ideal) return unknown(ideal.missing);

  const pair = efficienciesFor(operation, ideal, accelerator, efficiencies);
  const time = predictTime(ideal, pair);
  return {
    perSecond: { median: perNs / time.medianNs, low: perNs / time.slowNs, high: perNs / time.fastNs },
    basis: time.binding.basis,
    bottleneck: time.bottleneck,
    explanation: explainPrediction(operation, accelerator, instance, ideal, pair),
  };
}

/** The same work on the same accelerator, or the same share of it; the preferred run's where several have it. */
function measurementOf(
  operation: Operation,
  accelerator: Accelerator,
  share: number,
  runs: readonly UsableRun[],
): Measurement | undefined {
  return runs
    .filter((run) => run.accelerator === accelerator && run.share === share)
    .flatMap((run) => run.measurements)
    .find((measurement) => sameWork(measurement.operation, operation));
}

/** Descending, `null` last. */
function descending(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b - a;
}

function byWorkPerSecond(a: EstimateRow, b: EstimateRow): number {
  return descending(a.operationsPerSecond, b.operationsPerSecond);
}

function byWorkPerDollar(a: EstimateRow, b: EstimateRow): number {
  return descending(workPerDollar(a), workPerDollar(b)) || byWorkPerSecond(a, b);
}

function workPerDollar({ operationsPerSecond, usdPerHour }: EstimateRow): number | null {
  return operationsPerSecond === null || usdPerHour === null ? null : operationsPerSecond / usdPerHour;
}

function rowNotices(rows: readonly EstimateRow[]): readonly string[] {
  const notices: string[] = [];
  if (rows.some((row) => row.basis === 'datasheet' && row.tflops !== null)) {
    notices.push(
      'Rows marked "datasheet only" rest on what vendors\' own libraries reach; a WebGPU kernel may reach less, so their low end is widened.',
    );
  }
  if (rows.some((row) => row.webgpu === 'no')) {
    notices.push('Accelerators that WebGPU does not reach are listed for comparison.');
  }
  if (rows.some((row) => row.priceAge === 'stale')) {
    notices.push(`Some prices are older than ${STALE_AFTER_MONTHS} months.`);
  }
  if (rows.some((row) => row.priceAge === 'undated')) notices.push('Some price lists carry no date.');
  return notices;
}
