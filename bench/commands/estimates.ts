import {
  BASIS_WORDS,
  estimate,
  type MeasuredRun,
  type Operation as EstimatedOperation,
} from '../estimate/index.ts';
import type { EstimateRow, MeasurementRow } from '../schema.ts';
import type { Workload } from '../suites/index.ts';

export interface EstimatesRequest {
  readonly workloads: readonly Workload[];
  /** What was measured here, if anything. */
  readonly run?: {
    readonly adapter: MeasuredRun['adapter'];
    readonly provider: string | undefined;
    readonly instanceType: string | undefined;
    readonly measurements: readonly MeasurementRow[];
  };
  readonly providers?: readonly string[] | undefined;
}

/** Estimates of the workloads that stand for the rest, at the shapes that are meant, on every instance type. */
export function estimateWorkloads({ workloads, run, providers }: EstimatesRequest): {
  readonly rows: readonly EstimateRow[];
  readonly notices: readonly string[];
} {
  const operations = workloads
    .filter(({ representative }) => representative)
    .map((workload) => toOperation(workload, workload.problems[0]));
  const { rows, notices } = estimate({
    workloads: operations,
    runs: run ? [toRun(workloads, run)] : [],
    today: new Date().toISOString().slice(0, 10),
    ...(providers && { providers }),
  });
  return {
    notices,
    rows: rows.map((row) => ({
      provider: row.provider,
      instanceType: row.instanceType,
      accelerator: row.accelerator,
      count: row.count,
      region: row.region,
      usdPerHour: row.usdPerHour,
      pricing: row.pricing,
      priceDate: row.priceDate,
      workload: row.workload,
      dtype: row.dtype,
      tflops: row.tflops,
      low: row.low,
      high: row.high,
      gigabytesPerSecond: row.gigabytesPerSecond,
      tflopsPerUsdHour: row.tflopsPerUsdHour,
      basis: BASIS_WORDS[row.basis] as EstimateRow['basis'],
      bottleneck: row.bottleneck,
    })),
  };
}

const nameOf = (op: string, label: string, shapeText: string): string => `${op} ${label} ${shapeText}`;

function toOperation(workload: Workload, problem: unknown): EstimatedOperation {
  const { op, operation, label } = workload;
  return {
    name: nameOf(op, label, workload.shapeText(problem)),
    op: workload.family,
    dtype: operation.dtype(problem),
    flops: operation.flops(problem),
    bytes: operation.bytes(problem),
    unit: workload.unit(problem),
  };
}

function toRun(workloads: readonly Workload[], run: NonNullable<EstimatesRequest['run']>): MeasuredRun {
  const { adapter, provider, instanceType, measurements } = run;
  return {
    adapter,
    provider,
    instanceType,
    measurements: measurements.flatMap((row) => {
      const workload = workloads.find(
        ({ op, operation, label, problems }) =>
          op === row.op && label === row.label && operation.dtype(problems[0]) === row.dtype,
      );
      if (!row.checked.passed || !row.gpuTimeNs || !workload) return [];
      return {
        operation: {
          name: nameOf(row.op, row.label, row.shapeText),
          op: row.family,
          dtype: row.dtype,
          flops: row.flops,
          bytes: row.workingSetBytes,
          unit: workload.unit(workload.problems[0]),
          dispatches: row.dispatches,
        },
        gpuTimeNs: row.gpuTimeNs,
      };
    }),
  };
}
