#!/usr/bin/env node
// Brings the list prices of AWS, Azure and Google Cloud in bench/catalog/instances.csv up to date, from the same generated price
// tables that they came from. A type that is not in a table keeps its row; nothing is added or guessed. The other providers'
// rows come from lists that no program can date, and are changed by hand.
//
//   node scripts/refreshCatalog.mjs [--dry-run] [--file FILE] [--api URL] [--raw URL]
//
// --file is the table to bring up to date; --api and --raw are where GitHub's interface and its files are, for mirrors. Whatever
// goes wrong, with one provider or its table, the file stays as it was.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import Papa from 'papaparse';

const INSTANCES = fileURLToPath(new URL('../bench/catalog/instances.csv', import.meta.url));

/**
 * @typedef {{ date: string | undefined, prices: Map<string, number> }} PriceTable prices in dollars an hour by `REGION TYPE`
 * @typedef {Record<string, string>} Row
 * @typedef {{ repository: string, path: string, read: (text: string) => PriceTable }} Source
 */

/** @type {Record<string, Source>} */
export const SOURCES = {
  aws: {
    repository: 'aws/karpenter-provider-aws',
    path: 'pkg/providers/pricing/zz_generated.pricing_aws.go',
    read: readGoTable,
  },
  azure: {
    repository: 'Azure/karpenter-provider-azure',
    path: 'pkg/providers/pricing/zz_generated.pricing.go',
    read: readGoTable,
  },
  gcp: {
    repository: 'cloudpilot-ai/karpenter-provider-gcp',
    path: 'pkg/providers/pricing/initial-prices.json',
    read: readJsonTable,
  },
};

/**
 * Reads Go maps of regions to maps of types to prices, and the date in the comment above them.
 *
 * @param {string} text
 * @returns {PriceTable}
 */
export function readGoTable(text) {
  const prices = new Map();
  let region = '';
  for (const line of text.split('\n')) {
    const [, named] =
      /^\s*"([a-z0-9-]+)":\s*\{/.exec(line) ?? /Prices\["([a-z0-9-]+)"\] = map/.exec(line) ?? [];
    if (named !== undefined) region = named;
    else
      for (const [, type, price] of line.matchAll(/"([^"]+)":\s*([\d.]+)/g))
        prices.set(`${region} ${type}`, Number(price));
  }
  return { date: /generated at (\d{4}-\d{2}-\d{2})/.exec(text)?.[1], prices };
}

/**
 * Reads `{ prices: { REGION: { on_demand: { TYPE: PRICE } } } }`. The file carries no date of its own.
 *
 * @param {string} text
 * @returns {PriceTable}
 */
export function readJsonTable(text) {
  /** @type {{ prices?: Record<string, { on_demand?: Record<string, unknown> }> }} */
  const table = parseJson(text);
  const prices = new Map();
  for (const [region, { on_demand: onDemand = {} }] of Object.entries(table.prices ?? {})) {
    for (const [type, price] of Object.entries(onDemand)) {
      if (typeof price !== 'number') throw new Error(`the price of ${type} in ${region} is no number`);
      prices.set(`${region} ${type}`, price);
    }
  }
  return { date: undefined, prices };
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected JSON, got ${JSON.stringify(text.slice(0, 40))}`);
  }
}

/**
 * Rows with the prices of a table, and a line for each that changed. A price of 0 means unknown and changes nothing; a date alone
 * moves with the table. A table that cannot be what it was is refused.
 *
 * @param {readonly Row[]} rows
 * @param {string} provider
 * @param {PriceTable} table
 * @param {{ repository: string, commit: string, date: string }} from
 */
export function withPrices(rows, provider, { prices }, { repository, commit, date }) {
  /** @type {string[]} */
  const changes = [];
  /** @type {number[]} */
  const ratios = [];
  const changed = rows.map((row) => {
    const price = prices.get(`${row.region} ${row.instance_type}`);
    if (row.provider !== provider || price === undefined || !(price > 0)) return row;
    const before = row.on_demand_usd_per_hour;
    if (before) ratios.push(price / Number(before));
    if (Number(before) !== price)
      changes.push(`${provider} ${row.instance_type}: ${before || 'unknown'} -> ${price}`);
    const cited = new RegExp(
      `(github ${repository})@[0-9a-f]+( [^ ]*pricing[^ ]*)( \\([^)]*?)?\\d{4}-\\d{2}-\\d{2}`,
    );
    return {
      ...row,
      on_demand_usd_per_hour: String(price),
      price_date: date,
      source: (row.source ?? '').replace(
        cited,
        (_all, name, path, note = '') => `${name}@${commit.slice(0, 8)}${path}${note}${date}`,
      ),
    };
  });
  if (ratios.length === 0) throw new Error('the table has no price of any type that is listed');
  const typical = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 1;
  if (typical < 1 / LARGEST_MOVE || typical > LARGEST_MOVE) {
    throw new Error(
      `prices are ${typical.toPrecision(2)} times what they were: another unit, or another column`,
    );
  }
  return { rows: changed, changes };
}

/** List prices of a whole provider do not move more at once. */
const LARGEST_MOVE = 3;

/**
 * The newest version of a table, and which commit that is.
 *
 * @param {Source} source
 * @param {{ api: string, raw: string }} github
 */
async function download({ repository, path }, { api, raw }) {
  /** @type {{ sha?: string, commit?: { committer?: { date?: string } } }[]} */
  const list = parseJson(await get(`${api}/repos/${repository}/commits?path=${path}&per_page=1`));
  const [newest] = Array.isArray(list) ? list : [];
  const [date] = /^\d{4}-\d{2}-\d{2}/.exec(newest?.commit?.committer?.date ?? '') ?? [];
  if (!newest?.sha || date === undefined) throw new Error(`${repository}: no commit of ${path}`);
  return { text: await get(`${raw}/${repository}/${newest.sha}/${path}`), commit: newest.sha, date };
}

/** @param {string} url */
async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) }).catch((error) => {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${url} cannot be reached (${why instanceof Error ? why.message : String(why)})`);
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.text();
}

/**
 * @param {readonly Row[]} rows
 * @param {string} provider
 * @param {Source} source
 * @param {{ api: string, raw: string }} github
 */
async function refreshed(rows, provider, source, github) {
  try {
    const { text, commit, date } = await download(source, github);
    const table = source.read(text);
    const from = { repository: source.repository, commit, date: table.date ?? date };
    return { ...withPrices(rows, provider, table, from), date: from.date };
  } catch (error) {
    throw new Error(`${provider}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/**
 * Does what the command line asks for.
 *
 * @param {string[]} args
 * @param {(line: string) => void} say
 */
export async function refreshCatalog(args, say) {
  const { values } = parseArgs({
    args,
    options: {
      'dry-run': { type: 'boolean', default: false },
      file: { type: 'string', default: INSTANCES },
      api: { type: 'string', default: 'https://api.github.com' },
      raw: { type: 'string', default: 'https://raw.githubusercontent.com' },
    },
  });
  const { data, errors } = Papa.parse(readFileSync(values.file, 'utf8').trim(), { header: true });
  if (errors.length > 0) throw new Error(`${values.file}: ${errors[0]?.message}`);
  let rows = /** @type {Row[]} */ (data);
  for (const [provider, source] of Object.entries(SOURCES)) {
    const { rows: changed, changes, date } = await refreshed(rows, provider, source, values);
    rows = changed;
    say(`${provider}: prices of ${date}, ${changes.length} changed`);
    for (const change of changes) say(`  ${change}`);
  }
  if (values['dry-run']) return;
  // Renamed when it is whole: whoever is interrupted keeps the old file.
  writeFileSync(`${values.file}.new`, `${Papa.unparse(rows, { newline: '\n' })}\n`);
  renameSync(`${values.file}.new`, values.file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await refreshCatalog(process.argv.slice(2), console.log);
  } catch (error) {
    console.error(
      `refreshCatalog: ${error instanceof Error ? error.message : String(error)}; nothing was written`,
    );
    process.exitCode = 1;
  }
}
