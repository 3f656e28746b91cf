import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { TUNING_DATABASE } from './browserRecords.ts';
import type { OwnRecords, TuningFile } from './records.ts';

/** What a browser keeps for an origin. */
interface TuningSchema extends DBSchema {
  /** The file of each GPU. */
  readonly records: { readonly key: string; readonly value: TuningFile };
  /** What runs of the tuner that are not through have found out, in its order. */
  readonly unfinished: {
    readonly key: number;
    readonly value: { readonly gpu: string; readonly entry: unknown };
    readonly indexes: { readonly gpu: string };
  };
}

export type TuningDatabase = IDBPDatabase<TuningSchema>;

/** Where the records of a GPU are, in words. */
export const indexedDbSource = (gpu: string): string => `IndexedDB ${TUNING_DATABASE}, ${gpu}`;

/** Opens the database of the tuner, and makes it where there is none. */
export function openTuningDatabase(): Promise<TuningDatabase> {
  return openDB<TuningSchema>(TUNING_DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore('records');
      database.createObjectStore('unfinished', { autoIncrement: true }).createIndex('gpu', 'gpu');
    },
    // Another page wants to delete it, or has a later version of the library.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** The user's own records of a GPU. */
export async function readDatabase(gpu: string): Promise<OwnRecords | undefined> {
  const database = await openTuningDatabase();
  try {
    const json = await database.get('records', gpu);
    return json && { source: indexedDbSource(gpu), json };
  } finally {
    database.close();
  }
}
