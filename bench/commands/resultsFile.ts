import * as v from 'valibot';
import { adapterName } from '../compare/machines.ts';
import { ResultSchema, SCHEMA_VERSION, type AdapterRow, type BenchResult } from '../schema.ts';
import { UsageError } from '../exitCodes.ts';
import { readJson } from './readJson.ts';

/** What a results file is called by: the GPU, its driver's version, the day, and whether it ran beside rivals. */
export function resultsFileName({
  adapter,
  createdAt,
  comparison,
}: {
  readonly adapter: AdapterRow;
  /** An ISO timestamp. */
  readonly createdAt: string;
  readonly comparison?: unknown;
}): string {
  const version = /\d+(?:\.\d+)+/.exec(adapter.description)?.[0];
  const parts = [
    adapter.backend === 'cpu' ? 'cpu' : adapter.software ? adapter.architecture : adapterName(adapter),
    adapter.backend === 'cpu' ? '' : (version ?? adapter.description),
    createdAt.slice(0, 10),
    comparison === undefined ? '' : 'peers',
  ];
  const slugs = parts.map((part) => part.toLowerCase().replace(/[^a-z0-9.]+/g, '-'));
  return `${slugs
    .map((slug) => slug.replace(/^-+|-+$/g, ''))
    .filter(Boolean)
    .join('-')}.json`;
}

/**
 * Reads a file that `tilewise bench --json` wrote.
 *
 * @param named how the user gave it, for messages, for instance `--results out.json`
 * @throws UsageError where it is none, or one of another schema version
 */
export function readResultsFile(file: string, named = file): BenchResult {
  const json = readJson(file, named);
  const schema = (json as { schema?: unknown } | null)?.schema;
  if (schema !== SCHEMA_VERSION) {
    const what =
      typeof schema === 'number'
        ? `schema ${schema}: ${schema < SCHEMA_VERSION ? 'an older version wrote it; measure again' : 'a newer version wrote it; update tilewise'}`
        : 'something else';
    throw new UsageError(
      `${named}: expected a file that \`tilewise bench --json\` wrote with schema ${SCHEMA_VERSION}, got ${what}`,
    );
  }
  const parsed = v.safeParse(ResultSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UsageError(`${named}: "${v.getDotPath(issue) ?? ''}": ${issue.message}`);
}
