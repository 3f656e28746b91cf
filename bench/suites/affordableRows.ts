import {
  DeviceLostError,
  OutOfMemoryError,
  TilewiseError,
  UnsupportedError,
  type Device,
} from '../../src/node.ts';
import type { Ceiling } from '../measure/ceilings.ts';
import type { LeftOutRow } from '../schema.ts';
import { CostModel } from './affordable.ts';
import type { Workload } from './workload.ts';

export interface AffordableOptions {
  readonly ceilings: readonly Ceiling[];
  /** When the last row should be done, on `performance.now()`'s clock. */
  readonly deadlineMs: number;
  readonly maxCheckSteps: number;
  /** Runs that a row takes at least, after those that check it and warm up. */
  readonly fewestRuns: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: ((name: string) => void) | undefined;
}

/** What a workload's run gave. */
export interface RowRun<Row> {
  readonly row: Row;
  /** Of one run of this library's kernel; undefined where it was wrong. */
  readonly timeNs: number | undefined;
  /** What of its time went into more runs than the fewest: the next row can do without. */
  readonly spareMs?: number;
}

/** Rows take longer than predicted more often than less. */
const CAUTION = 0.8;

/**
 * Runs each workload at the largest of its shapes that its share of the remaining time allows, and once more those for which
 * there was too little at first. What is not run is listed with the reason.
 *
 * @param run runs a workload at a problem, in about `rowMs` with all that belongs to it
 * @throws DeviceLostError when the device is gone, and the signal's reason when interrupted
 */
export async function runAffordable<Row extends Labelled>(
  device: Device,
  workloads: readonly Workload[],
  options: AffordableOptions,
  run: (workload: Workload, problem: unknown, rowMs: number) => Promise<RowRun<Row>>,
): Promise<{ readonly rows: readonly Row[]; readonly leftOut: readonly LeftOutRow[] }> {
  const { ceilings, deadlineMs, maxCheckSteps, fewestRuns, signal } = options;
  const costs = new CostModel(ceilings, device.capabilities, maxCheckSteps);
  const rows: Row[] = [];
  const leftOut: LeftOutRow[] = [];
  const families = new Set<string>();
  const measuredKeys = new Set<string>();
  /** @returns why it was not run, where its share of the time was too short */
  const runWithin = async (workload: Workload, shareMs: number): Promise<string | undefined> => {
    const startMs = performance.now();
    const leave = (problem: unknown, reason: string, failed: boolean): void => {
      leftOut.push(describeLeftOut(workload, problem, reason, failed));
    };
    const isFirst = !families.has(workload.family);
    families.add(workload.family);
    const affordable = chooseProblem(costs, workload, fewestRuns, shareMs, isFirst);
    if ('reason' in affordable) {
      costs.relax();
      return affordable.reason;
    }
    const { problem, predictedMs } = affordable;
    const key = `${workload.op} ${workload.operation.key(problem)}`;
    if (problem !== workload.problems[0] && measuredKeys.has(key)) {
      leave(workload.problems[0], 'what the time allows of it is measured in another row already', false);
      return undefined;
    }
    measuredKeys.add(key);
    options.onStart?.(rowName(workload, problem));
    try {
      const { row, timeNs, spareMs = 0 } = await run(workload, problem, shareMs);
      if (timeNs !== undefined) costs.learn(workload, problem, timeNs);
      costs.correct(predictedMs, performance.now() - startMs - spareMs);
      rows.push(row);
    } catch (error) {
      if (error instanceof DeviceLostError || !(error instanceof TilewiseError)) throw error;
      const expected = error instanceof UnsupportedError || error instanceof OutOfMemoryError;
      leave(problem, error.message, !expected);
    }
    return undefined;
  };
  const runEach = async (candidates: readonly Workload[]): Promise<Map<Workload, string>> => {
    const notRun = new Map<Workload, string>();
    for (const [index, workload] of candidates.entries()) {
      signal?.throwIfAborted();
      const leftMs = Math.max(0, deadlineMs - performance.now());
      const reason = await runWithin(workload, (CAUTION * leftMs) / (candidates.length - index));
      if (reason !== undefined) notRun.set(workload, reason);
    }
    return notRun;
  };
  const notRunAtFirst = await runEach(takingTurns(workloads));
  // Predictions are better by now, and what is left of the time is shared by fewer.
  for (const [workload, reason] of await runEach([...notRunAtFirst.keys()])) {
    leftOut.push(describeLeftOut(workload, workload.problems[0], reason, false));
  }
  const place = new Map(workloads.map((workload, index) => [nameOf(workload), index]));
  const byPlace = (a: Labelled, b: Labelled): number => place.get(keyOf(a))! - place.get(keyOf(b))!;
  return { rows: rows.toSorted(byPlace), leftOut: leftOut.toSorted(byPlace) };
}

/** What a row is told by. */
export type Labelled = Pick<LeftOutRow, 'op' | 'label' | 'dtype'>;

const keyOf = ({ op, label, dtype }: Labelled): string => `${op} ${label} ${dtype}`;

function nameOf({ op, label, operation, problems }: Workload): string {
  return keyOf({ op, label, dtype: operation.dtype(problems[0]) });
}

/** The first of each family, then the second of each: where time is short, no family goes without. */
function takingTurns(workloads: readonly Workload[]): Workload[] {
  const seen = new Map<string, number>();
  return workloads
    .map((workload) => {
      const turn = seen.get(workload.family) ?? 0;
      seen.set(workload.family, turn + 1);
      return { workload, turn };
    })
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ workload }) => workload);
}

/** The largest problem within the time, or why there is none. The first row of a family is run however small it has to be. */
function chooseProblem(
  costs: CostModel,
  workload: Workload,
  samples: number,
  shareMs: number,
  isFirst: boolean,
): { readonly problem: unknown; readonly predictedMs: number } | { readonly reason: string } {
  if (shareMs === 0 && !isFirst) return { reason: 'the time was up' };
  let reason = '';
  for (const problem of workload.problems) {
    const cost = costs.cost(workload, problem, samples);
    if ('impossible' in cost) {
      reason = cost.impossible;
    } else if (cost.ms <= shareMs || (isFirst && problem === workload.problems.at(-1))) {
      return { problem, predictedMs: cost.ms };
    } else {
      const seconds = (ms: number): string => `${(ms / 1e3).toPrecision(2)} s`;
      reason =
        `${workload.shapeText(problem)} would take about ${seconds(cost.ms)} with its check; ` +
        `its share of the time is ${seconds(shareMs)}`;
    }
  }
  return { reason };
}

function rowName(workload: Workload, problem: unknown): string {
  const { op, operation, label } = workload;
  return `${op} ${label} ${workload.shapeText(problem)} ${operation.dtype(problem)}`;
}

function describeLeftOut(workload: Workload, problem: unknown, reason: string, failed: boolean): LeftOutRow {
  return {
    op: workload.op,
    label: workload.label,
    shapeText: workload.shapeText(problem),
    dtype: workload.operation.dtype(problem),
    reason,
    failed,
  };
}
