import Papa from 'papaparse';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGoTable, readJsonTable, SOURCES, withPrices } from '../../scripts/refreshCatalog.mjs';

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
