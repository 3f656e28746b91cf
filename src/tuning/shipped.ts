import type { TuningFile } from './records.ts';

/**
 * Records that ship with the library, by `gpuKey()`, one file a GPU, fetched only where that GPU is opened. Only GPUs that were
 * measured are in here, and no software adapter: none has been measured yet.
 */
export const shippedRecords: Readonly<Record<string, () => Promise<TuningFile>>> = {};
