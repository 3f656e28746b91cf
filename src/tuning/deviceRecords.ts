import { loadFor } from '../kernels/onDemand.ts';
import type { TensorDevice } from '../tensor.ts';
import { noRecord, type Consult, type RecordBook } from './records.ts';

const consultants = new WeakMap<TensorDevice, Consult>();

/** What knows the records that a device chooses kernels by. */
export function consultantOf(device: TensorDevice): Consult {
  return consultants.get(device) ?? noRecord;
}

/** Lets what stands for a device choose kernels as that device does. */
export function shareRecords(device: TensorDevice, other: TensorDevice): void {
  consultants.set(other, consultantOf(device));
}

/** Gives a device its records, those that come first before the others, before it runs anything. */
export async function useRecords(device: TensorDevice, books: readonly RecordBook[]): Promise<void> {
  if (books.length === 0) return;
  const [{ consultant }] = await Promise.all([import('./consult.ts'), loadFor('all')]);
  consultants.set(device, consultant(books));
}
