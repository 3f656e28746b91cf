import type { TuningRecord } from './records.ts';

/** Records that ship with the library, of GPUs that were measured. None has been measured yet. */
export const shippedRecords: readonly TuningRecord[] = [];
