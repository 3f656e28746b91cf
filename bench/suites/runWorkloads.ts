import type { Device } from '../../src/node.ts';
import { ceilingShare, workOf } from '../measure/bindingCeiling.ts';
import type { Ceiling } from '../measure/ceilings.ts';
import { measureProblem, type Measured } from '../measure/measureProblem.ts';
import type { SamplingOptions } from '../measure/sampling.ts';
import type { LeftOutRow, MeasurementRow } from '../schema.ts';
import { runAffordable } from './affordableRows.ts';
import { describeWorkload, type Workload } from './workload.ts';

export interface RunOptions {
  readonly ceilings: readonly Ceiling[];
  /** When the last row should be done, on `performance.now()`'s clock. */
  readonly deadlineMs: number;
  readonly seed: number;
  readonly maxCheckSteps: number;
  /** Fewest samples of a row. */
  readonly minSamples: number;
  /** How to sample a row that may take `rowMs` in all and whose first run took `firstRunNs`. */
  readonly sampling: (rowMs: number, firstRunNs: number) => SamplingOptions;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: (name: string) => void;
  readonly onMeasured?: (row: MeasurementRow) => void;
}

export interface WorkloadResults {
  readonly measurements: readonly MeasurementRow[];
  readonly leftOut: readonly LeftOutRow[];
}

/**
 * Measures each workload at the largest of its shapes that its share of the remaining time allows. What is not run is
 * listed with the reason.
 *
 * @throws DeviceLostError when the device is gone, and the signal's reason when interrupted
 */
export async function runWorkloads(
  device: Device,
  workloads: readonly Workload[],
  options: RunOptions,
): Promise<WorkloadResults> {
  const { ceilings, seed, maxCheckSteps, minSamples, signal, onMeasured } = options;
  const { rows, leftOut } = await runAffordable(
    device,
    workloads,
    { ...options, fewestRuns: minSamples },
    async (workload, problem, rowMs) => {
      const measured = await measureProblem(device, workload.operation, workload.checker, problem, {
        seed,
        maxCheckSteps,
        sampling: (firstRunNs) => options.sampling(rowMs, firstRunNs),
        signal,
      });
      const row = describeMeasurement(workload, problem, measured, ceilings);
      onMeasured?.(row);
      return { row, timeNs: (row.gpuTimeNs ?? row.wallTimeNs)?.median };
    },
  );
  return { measurements: rows, leftOut };
}

function describeMeasurement(
  workload: Workload,
  problem: unknown,
  measured: Measured,
  ceilings: readonly Ceiling[],
): MeasurementRow {
  const { operation } = workload;
  const { check, timing, arithmetic } = measured;
  const work = workOf(operation, problem, arithmetic);
  const { flops, bytes } = work;
  const time = timing && (timing.gpuTimeNs ?? timing.wallTimeNs);
  return {
    ...describeWorkload(workload, problem),
    kernel: measured.kernel,
    config: measured.config,
    reason: measured.reason,
    passedOver: [...measured.passedOver],
    dispatches: measured.dispatches,
    gpuTimeNs: timing?.gpuTimeNs ?? null,
    wallTimeNs: timing?.wallTimeNs ?? null,
    repeats: timing?.repeats ?? null,
    unit: workload.unit(problem),
    flops,
    workingSetBytes: bytes,
    gflops: time ? flops / time.median : null,
    bytesPerSecond: time ? (bytes / time.median) * 1e9 : null,
    ...ceilingShare(ceilings, work, time?.median),
    checked: check,
  };
}
