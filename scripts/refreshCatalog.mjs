#!/usr/bin/env node
// Brings the list prices of AWS, Azure and Google Cloud in bench/catalog/instances.csv up to date, from the same generated price
// tables that they came from. A type that is not in a table keeps its row; nothing is added or guessed. The other providers'
// rows come from lists that no program can date, and are changed by hand.
//
//   node scripts/refreshCatalog.mjs [--dry-run] [--from DIR]
//
// --from reads the tables from DIR/aws, DIR/azure and DIR/gcp instead of from GitHub.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  /** @type {{ prices: Record<string, { on_demand?: Record<string, number> }> }} */
  const table = JSON.parse(text);
  const prices = new Map();
  for (const [region, { on_demand: onDemand = {} }] of Object.entries(table.prices)) {
    for (const [type, price] of Object.entries(onDemand)) prices.set(`${region} ${type}`, price);
  }
  return { date: undefined, prices };
}

/**
 * Rows with the prices of a table, and a line for each that changed. A price of 0 means unknown and changes nothing; a date alone
 * moves with the table.
 *
 * @param {readonly Row[]} rows
 * @param {string} provider
 * @param {PriceTable} table
 * @param {{ repository: string, commit: string, date: string }} from
 */
export function withPrices(rows, provider, { prices }, { repository, commit, date }) {
  /** @type {string[]} */
  const changes = [];
  const changed = rows.map((row) => {
    const price = prices.get(`${row.region} ${row.instance_type}`);
    if (row.provider !== provider || price === undefined || !(price > 0)) return row;
    const before = row.on_demand_usd_per_hour;
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
  return { rows: changed, changes };
}

/**
 * The newest version of a table, and which commit that is.
 *
 * @param {Source} source
 */
async function download({ repository, path }) {
  const list = await get(`https://api.github.com/repos/${repository}/commits?path=${path}&per_page=1`);
  const [commit] = /** @type {{ sha: string, commit: { committer: { date: string } } }[]} */ (
    JSON.parse(list)
  );
  if (!commit) throw new Error(`${repository}: no commit of ${path}`);
  const text = await get(`https://raw.githubusercontent.com/${repository}/${commit.sha}/${path}`);
  return { text, commit: commit.sha, date: commit.commit.committer.date.slice(0, 10) };
}

/** @param {string} url */
async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.text();
}

async function main() {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' }, from: { type: 'string' } } });
  const { data, errors } = Papa.parse(readFileSync(INSTANCES, 'utf8').trim(), { header: true });
  if (errors.length > 0) throw new Error(`${INSTANCES}: ${errors[0]?.message}`);
  let rows = /** @type {Row[]} */ (data);
  for (const [provider, source] of Object.entries(SOURCES)) {
    const { text, commit, date } =
      values.from === undefined
        ? await download(source)
        : { text: readFileSync(join(values.from, provider), 'utf8'), commit: '00000000', date: '' };
    const table = source.read(text);
    const from = { repository: source.repository, commit, date: table.date ?? date };
    if (from.date === '') throw new Error(`${provider}: the table carries no date; leave --from out`);
    const result = withPrices(rows, provider, table, from);
    rows = result.rows;
    console.log(`${provider}: prices of ${from.date}, ${result.changes.length} changed`);
    for (const change of result.changes) console.log(`  ${change}`);
  }
  if (values['dry-run']) return;
  writeFileSync(INSTANCES, `${Papa.unparse(rows, { newline: '\n' })}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main();
  } catch (error) {
    console.error(
      `refreshCatalog: ${error instanceof Error ? error.message : String(error)}; nothing was written`,
    );
    process.exitCode = 1;
  }
}
