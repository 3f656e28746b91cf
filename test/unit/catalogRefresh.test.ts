import Papa from 'papaparse';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  readGoTable,
  readJsonTable,
  refreshCatalog,
  SOURCES,
  withPrices,
} from '../../scripts/refreshCatalog.mjs';

const file = new URL('../../bench/catalog/instances.csv', import.meta.url);
const csv = readFileSync(file, 'utf8');
const rows = Papa.parse<Record<string, string>>(csv.trim(), { header: true }).data;

const AWS = `
package pricing

// generated at 2026-10-01T13:23:24Z for us-east-1

var InitialOnDemandPricesAWS = map[string]map[ec2types.InstanceType]float64{
	// us-east-1
	"us-east-1": {
		// p5 family
		"p5.48xlarge": 50.000000, "p5.4xlarge": 6.880000,
	},
	"eu-west-1": {
		"p5.48xlarge": 60.000000,
	},
}`;

const AZURE = `
// generated at 2026-10-02T14:34:50Z
func init() {
	// eastus
	initialOnDemandPrices["eastus"] = map[string]float64{
		"Standard_ND96isr_H100_v5":   98.320000,
		"Standard_NC6s_v3":           0,
	}
}`;

describe('price tables', () => {
  it('of AWS are read by region and type', () => {
    const { date, prices } = readGoTable(AWS);
    expect(date).toBe('2026-10-01');
    expect([...prices]).toEqual([
      ['us-east-1 p5.48xlarge', 50],
      ['us-east-1 p5.4xlarge', 6.88],
      ['eu-west-1 p5.48xlarge', 60],
    ]);
  });

  it('of Azure are read by region and type', () => {
    const { date, prices } = readGoTable(AZURE);
    expect(date).toBe('2026-10-02');
    expect(prices.get('eastus Standard_ND96isr_H100_v5')).toBe(98.32);
  });

  it('of Google Cloud are read by region and type', () => {
    const text = JSON.stringify({
      prices: { 'us-central1': { on_demand: { 'a2-highgpu-1g': 3.7 }, spot: {} } },
    });
    expect([...readJsonTable(text).prices]).toEqual([['us-central1 a2-highgpu-1g', 3.7]]);
  });
});

describe('withPrices', () => {
  const from = { repository: SOURCES['aws']!.repository, commit: 'abcdef0123456789', date: '2026-10-01' };
  const result = withPrices(rows, 'aws', readGoTable(AWS), from);

  it('changes the price, its date and the commit that it comes from', () => {
    expect(result.changes).toEqual(['aws p5.48xlarge: 55.04 -> 50']);
    const row = result.rows.find(({ instance_type: type }) => type === 'p5.48xlarge');
    expect(row).toMatchObject({ on_demand_usd_per_hour: '50', price_date: '2026-10-01' });
    expect(row!['source']).toContain('github aws/karpenter-provider-aws@abcdef01 pkg/providers/pricing');
    expect(row!['source']).toContain('(generated 2026-10-01, us-east-1 Linux on-demand)');
    // The other source in the same cell stays.
    expect(row!['source']).toContain('aws/karpenter-provider-aws@692ccdd0 website');
  });

  it('dates a price that stayed the same', () => {
    const row = result.rows.find(({ instance_type: type }) => type === 'p5.4xlarge');
    expect(row).toMatchObject({ on_demand_usd_per_hour: '6.88', price_date: '2026-10-01' });
  });

  it('leaves everything else alone', () => {
    const touched = new Set(['p5.48xlarge', 'p5.4xlarge']);
    const rest = (all: readonly Record<string, string>[]): readonly Record<string, string>[] =>
      all.filter(({ instance_type: type }) => !touched.has(type!));
    expect(rest(result.rows)).toEqual(rest(rows));
    expect(result.rows).toHaveLength(rows.length);
  });

  it('takes a price of nothing for unknown', () => {
    const azure = { ...from, repository: SOURCES['azure']!.repository };
    const { changes } = withPrices(rows, 'azure', readGoTable(AZURE), azure);
    expect(changes.join('\n')).not.toContain('NC6s_v3');
  });

  it('writes the file as it was read', () => {
    expect(`${Papa.unparse(rows, { newline: '\n' })}\n`).toBe(csv);
  });
});

const GCP = JSON.stringify({
  prices: { 'us-central1': { on_demand: { 'a2-highgpu-1g': 3.9 }, spot: { 'a2-highgpu-1g': 1.5 } } },
});

/** What GitHub's interface answers to `commits?path=…&per_page=1`, cut to what is read. */
const COMMITS = JSON.stringify([
  {
    sha: 'abcdef0123456789abcdef0123456789abcdef01',
    commit: { committer: { name: 'GitHub', date: '2026-10-03T09:00:00Z' } },
  },
]);

/** Where raw files of that commit are. */
const TABLES = 'abcdef0123456789abcdef0123456789abcdef01/pkg/providers/pricing/';

describe('the script', () => {
  const script = fileURLToPath(new URL('../../scripts/refreshCatalog.mjs', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'catalog-'));
  const table = join(folder, 'instances.csv');
  /** Answers by a part of the address; the first that fits. */
  let answers: (readonly [part: string, status: number, body: string])[] = [];
  let server: Server;
  let address: string;

  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      const [, status, body] = answers.find(([part]) => url.includes(part)) ?? ['', 404, 'Not Found'];
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    copyFileSync(file, table);
    answers = [
      ['/commits?', 200, COMMITS],
      [`${TABLES}zz_generated.pricing_aws.go`, 200, AWS],
      [`${TABLES}zz_generated.pricing.go`, 200, AZURE],
      [`${TABLES}initial-prices.json`, 200, GCP],
    ];
  });

  const given = (...more: string[]): string[] => [
    '--file',
    table,
    '--api',
    address,
    '--raw',
    address,
    ...more,
  ];

  it('brings the prices of all three up to date, with their dates and commits', async () => {
    const lines: string[] = [];
    await refreshCatalog(given(), (line) => lines.push(line));
    expect(lines).toEqual([
      'aws: prices of 2026-10-01, 1 changed',
      '  aws p5.48xlarge: 55.04 -> 50',
      'azure: prices of 2026-10-02, 0 changed',
      'gcp: prices of 2026-10-03, 1 changed',
      '  gcp a2-highgpu-1g: 3.6734 -> 3.9',
    ]);
    const written = Papa.parse<Record<string, string>>(readFileSync(table, 'utf8').trim(), { header: true });
    expect(written.data).toHaveLength(rows.length);
    const row = written.data.find(({ instance_type: type }) => type === 'a2-highgpu-1g');
    expect(row).toMatchObject({ on_demand_usd_per_hour: '3.9', price_date: '2026-10-03' });
    expect(row!['source']).toContain('@abcdef01');
    expect(readdirSync(folder)).toEqual(['instances.csv']);
  });

  it('only says what it would do when asked to', async () => {
    await refreshCatalog(given('--dry-run'), () => {});
    expect(readFileSync(table, 'utf8')).toBe(csv);
  });

  const page = '<!DOCTYPE html><html><body>Rate limit</body></html>';
  it.each<[string, (typeof answers)[number], string]>([
    ['a list of commits that is not there', ['/commits?', 404, 'Not Found'], 'aws: http'],
    ['a page instead of a list', ['/commits?', 200, page], 'aws: expected JSON, got "<!DOCTYPE html>'],
    [
      'a message instead of a list',
      ['/commits?', 200, '{"message":"API rate limit exceeded"}'],
      'no commit of',
    ],
    ['an empty list', ['/commits?', 200, '[]'], 'no commit of'],
    [
      'a table that is not there',
      [`${TABLES}zz_generated.pricing_aws.go`, 404, 'Not Found'],
      '404 Not Found',
    ],
    [
      'a page instead of Go',
      [`${TABLES}zz_generated.pricing_aws.go`, 200, page],
      'aws: the table has no price of any type that is listed',
    ],
    ['a page instead of JSON', [`${TABLES}initial-prices.json`, 200, page], 'gcp: expected JSON'],
    [
      'JSON of another form',
      [`${TABLES}initial-prices.json`, 200, '{"regions":{}}'],
      'gcp: the table has no price',
    ],
    [
      'prices that are texts',
      [`${TABLES}initial-prices.json`, 200, GCP.replace('3.9', '"3.9"')],
      'is no number',
    ],
    [
      'cents instead of dollars',
      [`${TABLES}zz_generated.pricing_aws.go`, 200, AWS.replace(/(\d+)\.(\d\d)/g, '$1$2.')],
      'another unit',
    ],
    ['a server that breaks', [`${TABLES}zz_generated.pricing.go`, 500, ''], 'azure: http'],
  ])('leaves the file alone on %s', async (_what, answer, message) => {
    answers = [answer, ...answers];
    await expect(refreshCatalog(given(), () => {})).rejects.toThrow(message);
    expect(readFileSync(table, 'utf8')).toBe(csv);
    expect(readdirSync(folder)).toEqual(['instances.csv']);
  });

  it('ends with a message and a code where nobody answers', async () => {
    const failed = promisify(execFile)(process.execPath, [script, ...given('--api', 'http://127.0.0.1:1')]);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^refreshCatalog: aws: http:\/\/127.0.0.1:1\/.* cannot be reached \(.+\); nothing was written\n$/,
      ) as string,
    });
    expect(readFileSync(table, 'utf8')).toBe(csv);
  });
});
