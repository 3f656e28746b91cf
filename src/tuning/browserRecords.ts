import type { OwnRecords } from './records.ts';

/** The tuner's database in a browser. */
export const TUNING_DATABASE = 'tilewise-tuning';

/** The user's own records of a GPU. Where nothing was ever tuned there is no database: none is made, and what reads one is not loaded. */
export async function readOwn(gpu: string): Promise<OwnRecords | undefined> {
  if (!('indexedDB' in globalThis)) return undefined;
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === TUNING_DATABASE)) return undefined;
  const { readDatabase } = await import('./indexedDb.ts');
  return readDatabase(gpu);
}
