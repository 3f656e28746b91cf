import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseTuningFile } from '../../src/tuning/parseFile.ts';
import {
  sameClass,
  TUNING_SCHEMA_VERSION,
  type TuningFile,
  type TuningRecord,
} from '../../src/tuning/records.ts';

/**
 * The records of a file that are not of the classes of others.
 *
 * @returns none where there is no file, or it is not one that this version reads
 */
function readOthers(path: string, record: TuningRecord): readonly TuningRecord[] {
  try {
    const { records } = parseTuningFile(JSON.parse(readFileSync(path, 'utf8')), path);
    return records.filter((other) => !sameClass(other, record));
  } catch {
    return [];
  }
}

/** Puts a record into the file of its GPU, in place of an older one of its class. The file is whole at any time. */
export function keepRecord(path: string, record: TuningRecord): void {
  const file: TuningFile = {
    schema: TUNING_SCHEMA_VERSION,
    gpu: record.gpu,
    records: [...readOthers(path, record), record],
  };
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(file)}\n`);
  renameSync(temporary, path);
}
