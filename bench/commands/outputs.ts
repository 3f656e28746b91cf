import { openCsvTarget } from '../report/csvFile.ts';
import { openJsonTarget, type JsonTarget, type TextTarget } from '../report/jsonFile.ts';
import { widthOf } from '../report/table.ts';
import { UsageError } from '../exitCodes.ts';

/** Where a command's results go. */
export interface Outputs {
  readonly json: JsonTarget | undefined;
  readonly csv: TextTarget | undefined;
  /** For people: standard output, unless a document takes that. */
  readonly stream: NodeJS.WriteStream;
  /** Columns of `stream`. */
  readonly width: number;
}

/**
 * Opens what `--json` and `--csv` name, before any work is done: see `openTextTarget`.
 *
 * @throws UsageError where both want standard output; CommandError where one cannot be written
 */
export function openOutputs({
  json,
  csv,
}: {
  readonly json?: string | undefined;
  readonly csv?: string | undefined;
}): Outputs {
  if (json === '-' && csv === '-') {
    throw new UsageError('--json - and --csv - cannot both have standard output');
  }
  const stream = json === '-' || csv === '-' ? process.stderr : process.stdout;
  return {
    json: json === undefined ? undefined : openJsonTarget(json),
    csv: csv === undefined ? undefined : openCsvTarget(csv),
    stream,
    width: widthOf(stream),
  };
}
