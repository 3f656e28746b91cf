import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { OwnRecords } from './records.ts';
import type { TuningFile } from './records.ts';

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

const NAME = 'tilewise-tuning';

/** Where the records of a GPU are, in words. */
export const indexedDbSource = (gpu: string): string => `IndexedDB ${NAME}, ${gpu}`;

/** Opens the database of the tuner, and makes it where there is none. */
export function openTuningDatabase(): Promise<TuningDatabase> {
  return openDB<TuningSchema>(NAME, 1, {
    upgrade(database) {
      database.createObjectStore('records');
      database.createObjectStore('unfinished', { autoIncrement: true }).createIndex('gpu', 'gpu');
    },
    // Another page wants to delete it, or has a later version of the library.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** The user's own records of a GPU. Where nothing was ever tuned, no database is made. */
export async function readOwn(gpu: string): Promise<OwnRecords | undefined> {
  if (!('indexedDB' in globalThis)) return undefined;
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === NAME)) return undefined;
  const database = await openTuningDatabase();
  try {
    const json = await database.get('records', gpu);
    return json && { source: indexedDbSource(gpu), json };
  } finally {
    database.close();
  }
}
