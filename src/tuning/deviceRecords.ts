import type { TensorDevice } from '../tensor.ts';
import type { RecordBook } from './records.ts';

const books = new WeakMap<TensorDevice, readonly RecordBook[]>();

/** The records that a device chooses kernels by, those that come first before the others. */
export function recordsOf(device: TensorDevice): readonly RecordBook[] {
  return books.get(device) ?? [];
}

/** Gives a device its records, before it runs anything. */
export function useRecords(device: TensorDevice, records: readonly RecordBook[]): void {
  books.set(device, records);
}
