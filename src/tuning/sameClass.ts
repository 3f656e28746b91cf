import type { TuningRecord } from './records.ts';

/** Whether two records, or the keys of two problems, are of one class. */
export function sameClass(
  a: Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'>,
  b: Pick<TuningRecord, 'op' | 'dtype' | 'shapeClass'>,
): boolean {
  return a.op === b.op && a.dtype === b.dtype && a.shapeClass === b.shapeClass;
}
