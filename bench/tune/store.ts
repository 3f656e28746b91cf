import { parseTuningFile } from '../../src/tuning/parseFile.ts';
import { TUNING_SCHEMA_VERSION, type TuningFile, type TuningRecord } from '../../src/tuning/records.ts';
import { sameClass } from '../../src/tuning/sameClass.ts';

/** Where a platform keeps records, for `openDevice()`, and what a run has found out so far, for the next one. */
export interface TuningStore extends Disposable {
  /** Where the records of a GPU are, in words. */
  source(gpu: string): string;
  /** Puts another file in the place of what is kept of a GPU, all at once. */
  replaceRecords(gpu: string, change: (kept: unknown) => TuningFile): Promise<void>;
  /** The entries of runs that are not through, in their order. */
  readEntries(gpu: string): Promise<readonly unknown[]>;
  /** Is through when a process that dies can no longer take the entry with it. */
  appendEntry(gpu: string, entry: unknown): Promise<void>;
  /** Keeps these entries and no others. */
  replaceEntries(gpu: string, entries: readonly unknown[]): Promise<void>;
  /** Has something done when the process or the page comes to its end. Returns what takes that back. */
  beforeEnd(leave: () => void): () => void;
}

/** Puts a record among those of its GPU, in place of an older one of its class. */
export async function keepRecord(store: TuningStore, record: TuningRecord): Promise<void> {
  await store.replaceRecords(record.gpu, (kept) => ({
    schema: TUNING_SCHEMA_VERSION,
    gpu: record.gpu,
    records: [...othersIn(kept, record), record],
  }));
}

/** None where there is nothing that this version reads. */
function othersIn(kept: unknown, record: TuningRecord): readonly TuningRecord[] {
  try {
    return parseTuningFile(kept, 'what is kept').records.filter((other) => !sameClass(other, record));
  } catch {
    return [];
  }
}
