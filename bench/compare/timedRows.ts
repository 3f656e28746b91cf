import { unitOf } from '../measure/ceilings.ts';
import { mapEstimate, type Estimate } from '../measure/statistics.ts';
import type { AdapterRow, BenchResult } from '../schema.ts';

/** Something that a results file has samples of, or could have. */
export interface TimedRow {
  readonly kind: 'operation' | 'beside rivals' | 'host' | 'ceiling';
  readonly name: string;
  readonly shapeText: string;
  readonly dtype: string;
  readonly clock: 'gpu' | 'host';
  /** Empty where there is none. */
  readonly kernel: string;
  /** What the samples are in: times, where less is better, or rates. */
  readonly unit: 'ns' | 'B/s' | 'OP/s';
  /** Null where the result was wrong. */
  readonly estimate: Estimate | null;
}

/** What has to be equal for two rows to be of the same: name, shape, type, and the clock. */
export function keyOf({
  kind,
  name,
  shapeText,
  dtype,
  clock,
}: Omit<TimedRow, 'unit' | 'estimate' | 'kernel'>): string {
  return JSON.stringify([kind, name, shapeText, dtype, clock]);
}

/** The clock that an adapter's work is timed by. */
export function clockOf({ timestampQuery }: AdapterRow): TimedRow['clock'] {
  return timestampQuery ? 'gpu' : 'host';
}

/** Everything in a results file that was timed. */
export function timedRows({ adapter, measurements, comparison, ceilings, host }: BenchResult): TimedRow[] {
  const clock = clockOf(adapter);
  return [
    ...measurements.map((row): TimedRow => {
      const { op, label, shapeText, dtype, kernel } = row;
      const estimate = row.gpuTimeNs ?? row.wallTimeNs;
      return {
        kind: 'operation',
        name: `${op} ${label}`,
        shapeText,
        dtype,
        clock,
        kernel,
        unit: 'ns',
        estimate,
      };
    }),
    ...(comparison?.rows ?? []).map((row): TimedRow => {
      const { op, label, shapeText, dtype, kernel, timeNs: estimate } = row;
      return {
        kind: 'beside rivals',
        name: `${op} ${label}`,
        shapeText,
        dtype,
        clock: 'host',
        kernel,
        unit: 'ns',
        estimate,
      };
    }),
    ...host.map(({ name, microseconds }): TimedRow => ({
      ...NO_OPERATION,
      kind: 'host',
      name,
      clock: 'host',
      unit: 'ns',
      estimate: mapEstimate(microseconds, (value) => value * 1e3),
    })),
    ...ceilings.map(({ name, kind, kernel, perSecond }): TimedRow => ({
      ...NO_OPERATION,
      kind: 'ceiling',
      name,
      clock,
      kernel,
      unit: unitOf(kind) === 'B/s' ? 'B/s' : 'OP/s',
      estimate: perSecond,
    })),
  ];
}

const NO_OPERATION = { shapeText: '', dtype: '', kernel: '' };
