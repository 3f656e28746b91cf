import type { Command } from '@commander-js/extra-typings';
import { facilityFacts } from '../catalog/facts.ts';
import { accelerators, instances, nearest, publishedMeasurements } from '../catalog/index.ts';
import { priceAge } from '../estimate/price.ts';
import { toCsv } from '../report/csvFile.ts';
import { renderCatalogRow, renderCatalogTable, type CatalogTable } from '../report/catalog.ts';
import { SCHEMA_VERSION } from '../schema.ts';
import { oneOf } from './arguments.ts';
import { EXIT, EXIT_HELP, UsageError } from '../exitCodes.ts';
import { openOutputs } from './outputs.ts';

const TABLES = ['accelerators', 'instances', 'published', 'facts'] as const;
type TableName = (typeof TABLES)[number];

/** `tilewise catalog` as the command line gives it. */
export interface CatalogOptions {
  /** Words that a row has to have, all of them. */
  readonly filter: readonly string[];
  readonly tables: readonly TableName[];
  /** Name of a row to show whole. */
  readonly explain?: string | undefined;
  readonly json?: string | undefined;
  readonly csv?: string | undefined;
}

/** Adds `tilewise catalog`. */
export function registerCatalog(program: Command): void {
  program
    .command('catalog')
    .description('what is known of accelerators, instance types, prices, published rates and power')
    .argument('[filter...]', 'words that a row has to have')
    .option(
      '--table <names>',
      `which tables, with commas between: ${TABLES.join(', ')} (default: accelerators,instances)`,
      oneOf(TABLES),
    )
    .option('--explain <row>', 'show a row whole, with its source and what is odd about it')
    .option('--json <file>', 'write the rows as JSON; - for standard output')
    .option('--csv <file>', 'write the rows of one table as CSV; - for standard output')
    .addHelpText('after', `\n${EXIT_HELP}`)
    .action((filter, { table, explain, json, csv }) => {
      process.exitCode = runCatalog({
        filter,
        tables: TABLES.filter((name) => (table ?? ['accelerators', 'instances']).includes(name)),
        explain,
        json,
        csv,
      });
    });
}

/**
 * Lists rows of the catalogue, or shows one whole.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
export function runCatalog({ filter, tables, explain, ...options }: CatalogOptions): number {
  if (options.csv !== undefined && tables.length !== 1) {
    throw new UsageError('--csv: rows of one table, choose it with --table');
  }
  const { json, csv, stream, width } = openOutputs(options);
  if (explain !== undefined) {
    const found = rowsNamed(explain);
    stream.write(`${found.map(({ name, row }) => renderCatalogRow(name, row, width)).join('\n\n')}\n`);
    json?.write({ schema: SCHEMA_VERSION, rows: found.map(({ row }) => row) });
    return EXIT.ok;
  }
  const words = filter.map((word) => word.toLowerCase());
  const chosen = tables.map((name) => {
    const table = CONTENTS[name]();
    const rows = table.rows.filter((row) => {
      const text = Object.values(row).join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    });
    return { name, ...table, rows };
  });
  if (chosen.every(({ rows }) => rows.length === 0)) {
    const names = [...accelerators.map(({ id }) => id), ...instances.map(({ instanceType }) => instanceType)];
    // Whoever filters writes a word of a name, seldom all of it.
    const known = [
      ...new Set(
        names.flatMap((name) => [
          name,
          ...name
            .toLowerCase()
            .split(/[^a-z0-9]+/)
            .filter(Boolean),
        ]),
      ),
    ];
    throw new UsageError(
      `no row has "${filter.join(' ')}"; nearest words: ${nearest(filter.join(' '), known, 5).join(', ')}`,
    );
  }
  const sections = chosen
    .filter(({ rows }) => rows.length > 0)
    .map((table) => renderCatalogTable(table, width));
  stream.write(`${sections.join('\n\n')}\n`);
  json?.write({
    schema: SCHEMA_VERSION,
    ...Object.fromEntries(chosen.map(({ name, rows }) => [name, rows])),
  });
  csv?.write(toCsv(chosen[0]!.rows));
  return EXIT.ok;
}

/** The tables, as they are shown. */
const CONTENTS: Readonly<Record<TableName, () => CatalogTable>> = {
  accelerators: () => ({
    title: 'Accelerators',
    columns: 'accelerators',
    rows: accelerators.map((row) => ({ ...row })),
  }),
  instances: () => ({
    title: 'Instance types',
    columns: 'instances',
    rows: instances.map((instance) => {
      const today = new Date().toISOString().slice(0, 10);
      const priced = instance.onDemandUsdPerHour ?? instance.spotUsdPerHour;
      return {
        ...instance,
        priceAge: priced === undefined ? undefined : priceAge(instance.priceDate, today),
      };
    }),
  }),
  published: () => ({
    title: 'Published measurements',
    columns: 'published',
    rows: publishedMeasurements.map((row) => ({ ...row })),
  }),
  facts: () => ({
    title: 'Power, facilities, contracts and deals',
    columns: 'facts',
    rows: facilityFacts.map((row) => ({ ...row })),
  }),
};

/** @throws UsageError with the nearest names where no row is called so */
function rowsNamed(name: string): readonly { readonly name: string; readonly row: object }[] {
  const wanted = name.trim().toLowerCase();
  const named = [
    ...CONTENTS.accelerators().rows.map((row) => ({ names: [row['id'], row['name']], row })),
    ...CONTENTS.instances().rows.map((row) => ({
      names: [row['instanceType'], `${String(row['provider'])}:${String(row['instanceType'])}`],
      row,
    })),
  ];
  const found = named.filter(({ names }) => names.some((text) => String(text).toLowerCase() === wanted));
  if (found.length > 0) return found.map(({ names, row }) => ({ name: String(names[0]), row }));
  const known = [...new Set(named.map(({ names }) => String(names[0])))];
  throw new UsageError(
    `--explain ${name}: no row of that name; nearest: ${nearest(name, known, 5).join(', ')}`,
  );
}
