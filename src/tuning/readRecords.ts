import { ArgumentError } from '../errors.ts';
import { parseTuningFile } from './parseFile.ts';
import type { RecordBook, RecordStore, TuningFile } from './records.ts';

/** @throws ArgumentError for what cannot be read, or is no file of records */
export async function readGiven(store: RecordStore, tuning: string | TuningFile): Promise<RecordBook> {
  if (typeof tuning !== 'string') return parsedBook(tuning, 'given to openDevice()');
  let json: unknown;
  try {
    json = await store.readAt(tuning);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ArgumentError(`tuning: ${JSON.stringify(tuning)} cannot be read: ${why}`, { got: tuning });
  }
  return parsedBook(json, tuning);
}

/** @throws ArgumentError for what is no file of records */
export function parsedBook(json: unknown, source: string): RecordBook {
  return { source, records: parseTuningFile(json, source).records };
}
