import { instances as catalogueInstances } from '../catalog/index.ts';
import type { Accelerator, Instance } from '../catalog/index.ts';
import { ARITHMETIC_POWER, instanceWatts, MEMORY_POWER } from './energy.ts';
import { explainMeasurement, explainPrediction, explainUnknown } from './explain.ts';
import { acceleratorOf } from './instances.ts';
import type { Percentiles } from './model/interval.ts';
import { place } from './place.ts';
import { priceNotices, reachNotices } from './price.ts';
import { descending, instanceColumns } from './rows.ts';
import { usableRuns } from './runs.ts';
import type { UsableRun } from './runs.ts';
import { measuredRatios, placedTime, sameWork } from './transfer.ts';
import type { MeasuredRatio } from './transfer.ts';
import type {
  EstimateRequest,
  EstimateResult,
  EstimateRow,
  Measurement,
  Operation,
  Profile,
  SortKey,
} from './types.ts';
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
  const {
    workloads,
    runs = [],
    providers,
    sort = 'usd',
    profile = 'tilewise',
    instances = catalogueInstances,
  } = request;
  const { usable, notices } = usableRuns(runs);
  // A vendor's library is not what runs of this project's kernels tell of.
  const measured: Measured =
    profile === 'vendor' ? { runs: [], ratios: [] } : { runs: usable, ratios: measuredRatios(usable) };
  const offered = instances.filter(
    (instance) => providers === undefined || providers.includes(instance.provider),
  );
  const rows = workloads.flatMap((operation) =>
    offered
      .map((instance) => estimateRow(operation, instance, measured, { ...request, profile }))
      .sort(ORDERS[sort]),
  );
  const said = profile === 'vendor' ? [] : notices;
  return { rows, notices: [...new Set([...said, ...rowNotices(rows, profile)])] };
}

/** What was measured of this project's kernels. */
interface Measured {
  readonly runs: readonly UsableRun[];
  readonly ratios: readonly MeasuredRatio[];
}

function estimateRow(
  operation: Operation,
  instance: Instance,
  measured: Measured,
  request: EstimateRequest & { readonly profile: Profile },
): EstimateRow {
  const accelerator = acceleratorOf(instance, request.accelerators);
  const columns = instanceColumns(instance, accelerator, operation.name, request);
  const rate = rateOf(operation, instance, accelerator, request.profile, measured);
  const load = rate.bottleneck === 'arithmetic' ? ARITHMETIC_POWER : MEMORY_POWER;
  const watts = (rate.perSecond && instanceWatts(instance, accelerator, load)?.median) ?? null;
  const perSecond = rate.perSecond ?? { median: null, low: null, high: null };
  const tflops = (operationsPerSecond: number | null): number | null =>
    operationsPerSecond === null ? null : (operationsPerSecond * operation.flops) / 1e12;
  const ratio = (part: number | null): number | null =>
    part === null || perSecond.median === null ? null : part / perSecond.median;
  const median = tflops(perSecond.median);
  return {
    ...columns,
    dtype: operation.dtype,
    tflops: median,
    low: tflops(perSecond.low),
    high: tflops(perSecond.high),
    gigabytesPerSecond: perSecond.median === null ? null : (perSecond.median * operation.bytes) / 1e9,
    operationsPerSecond: perSecond.median,
    relativeLow: ratio(perSecond.low),
    relativeHigh: ratio(perSecond.high),
    tflopsPerUsdHour: median === null || columns.usdPerHour === null ? null : median / columns.usdPerHour,
    watts,
    operationsPerJoule: watts === null || perSecond.median === null ? null : perSecond.median / watts,
    basis: rate.basis,
    bottleneck: rate.bottleneck,
    explanation: rate.explanation,
  };
}

/** Runs of the operation a second on the whole instance, and where the figure comes from. */
type Rate = Pick<EstimateRow, 'basis' | 'bottleneck' | 'explanation'> & {
  readonly perSecond: Percentiles | undefined;
};

function rateOf(
  operation: Operation,
  instance: Instance,
  accelerator: Accelerator,
  profile: Profile,
  { runs, ratios }: Measured,
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
  const placement = place(operation, accelerator, share, profile);
  const measured = measurementOf(operation, accelerator, share, runs);
  if (measured) {
    const { low, median, high } = measured.gpuTimeNs;
    return {
      perSecond: { median: perNs / median, low: perNs / high, high: perNs / low },
      basis: 'measured',
      bottleneck: 'missing' in placement ? null : placement.prediction.bottleneck,
      explanation: explainMeasurement(measured, instance, accelerator),
    };
  }
  if ('missing' in placement) return unknown(placement.missing);
  const time = placedTime(operation, accelerator, placement, ratios, profile);
  return {
    perSecond: { median: perNs / time.medianNs, low: perNs / time.slowNs, high: perNs / time.fastNs },
    basis: time.basis,
    bottleneck: placement.prediction.bottleneck,
    explanation: explainPrediction({ operation, accelerator, instance, profile, placement, time }),
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

type Order = (a: EstimateRow, b: EstimateRow) => number;

const byWorkPerSecond: Order = (a, b) => descending(a.operationsPerSecond, b.operationsPerSecond);

const ORDERS: Readonly<Record<SortKey, Order>> = {
  throughput: byWorkPerSecond,
  usd: (a, b) => descending(workPerDollar(a), workPerDollar(b)) || byWorkPerSecond(a, b),
  energy: (a, b) => descending(a.operationsPerJoule, b.operationsPerJoule) || byWorkPerSecond(a, b),
};

function workPerDollar({ operationsPerSecond, usdPerHour }: EstimateRow): number | null {
  return operationsPerSecond === null || usdPerHour === null ? null : operationsPerSecond / usdPerHour;
}

function rowNotices(rows: readonly EstimateRow[], profile: Profile): readonly string[] {
  const notices: string[] = [];
  if (profile === 'tilewise' && rows.some((row) => row.basis === 'datasheet' && row.tflops !== null)) {
    notices.push(
      'Rows marked "datasheet only" rest on what vendors\' own libraries reach; a WebGPU kernel may reach less, so their low end is widened.',
    );
  }
  return [...notices, ...reachNotices(rows), ...priceNotices(rows)];
}
