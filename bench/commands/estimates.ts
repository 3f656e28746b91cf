import {
  BASIS_WORDS,
  estimate,
  shapeOf,
  type EstimateRow as DetailedRow,
  type MeasuredRun,
  type Operation as EstimatedOperation,
} from '../estimate/index.ts';
import type { BenchResult, EstimateRow, MeasurementRow } from '../schema.ts';
import type { Workload } from '../suites/index.ts';

/** What was measured on one machine. */
export interface MeasuredHere {
  readonly adapter: MeasuredRun['adapter'];
  readonly provider: string | undefined;
  readonly instanceType: string | undefined;
  readonly measurements: readonly MeasurementRow[];
}

export interface EstimatesRequest {
  readonly workloads: readonly Workload[];
  readonly run?: MeasuredHere | undefined;
  readonly providers?: readonly string[] | undefined;
}

/** Estimates of the workloads that stand for the rest, at the shapes that are meant, on every instance type. */
export function estimateWorkloads({ workloads, run, providers }: EstimatesRequest): {
  readonly rows: readonly EstimateRow[];
  readonly notices: readonly string[];
} {
  const { rows, notices } = estimate({
    workloads: operationsOf(workloads),
    runs: run ? [toRun(run)] : [],
    today: new Date().toISOString().slice(0, 10),
    ...(providers && { providers }),
  });
  return { notices, rows: rows.map(toResultRow) };
}

/** A row as results have it: without explanation, the basis in words. */
export function toResultRow(row: DetailedRow): EstimateRow {
  return {
    provider: row.provider,
    instanceType: row.instanceType,
    accelerator: row.accelerator,
    count: row.count,
    webgpu: row.webgpu,
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
  };
}

/** The workloads that stand for the rest, at the shapes that are meant. */
export function operationsOf(workloads: readonly Workload[]): readonly EstimatedOperation[] {
  return workloads
    .filter(({ representative }) => representative)
    .map((workload) => toOperation(workload, workload.problems[0]));
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
    shape: shapeOf(workload.family, workload.shape(problem), operation.flops(problem)),
  };
}

/** What was measured, as the estimate takes it. */
export function toRun({ adapter, provider, instanceType, measurements }: MeasuredHere): MeasuredRun {
  return {
    adapter,
    provider,
    instanceType,
    measurements: measurements.flatMap((row) => {
      if (!row.checked.passed || !row.gpuTimeNs) return [];
      return {
        operation: {
          name: nameOf(row.op, row.label, row.shapeText),
          op: row.family,
          dtype: row.dtype,
          flops: row.flops,
          bytes: row.workingSetBytes,
          unit: row.unit,
          dispatches: row.dispatches,
          shape: shapeOf(row.family, row.shape, row.flops),
        },
        gpuTimeNs: row.gpuTimeNs,
      };
    }),
  };
}

/** What a results file says of one machine. */
export function measuredIn({ adapter, machine, measurements }: BenchResult): MeasuredHere {
  return {
    adapter,
    provider: machine.instance.provider ?? undefined,
    instanceType: machine.instance.instanceType ?? undefined,
    measurements,
  };
}
