import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  accelerators,
  findAccelerator,
  instances,
  publishedMeasurements,
} from '../../bench/catalog/index.ts';
import { facilityFacts } from '../../bench/catalog/facts.ts';
import { runCatalog } from '../../bench/commands/catalog.ts';
import type { CatalogOptions } from '../../bench/commands/catalog.ts';
import { committedResults } from '../../bench/commands/committedResults.ts';
import { runEstimate } from '../../bench/commands/estimate.ts';
import type { EstimateOptions } from '../../bench/commands/estimate.ts';
import { UsageError } from '../../bench/exitCodes.ts';
import { parseMix, runPlan } from '../../bench/commands/plan.ts';
import type { PlanOptions } from '../../bench/commands/plan.ts';
import type { Plan } from '../../bench/plan/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-estimate-'));
afterAll(() => rmSync(folder, { recursive: true }));

let printed = '';
beforeEach(() => {
  printed = '';
  const write = (text: string | Uint8Array): boolean => {
    printed += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
});
afterEach(() => vi.restoreAllMocks());

const estimateOptions: EstimateOptions = { sort: 'usd', pricing: 'on-demand', top: 5, explain: false };

describe('tilewise estimate', () => {
  const estimate = (options: Partial<EstimateOptions>): number =>
    runEstimate({ ...estimateOptions, ...options });

  it('prints operations and transformers', () => {
    const workloads = ['matmul:8192x8192x8192', 'llama-3.1-8b:weights=fp8'];
    expect(estimate({ workloads, providers: ['aws'] })).toBe(0);
    expect(printed).toContain('matmul 8192 x 8192 x 8192, f16');
    expect(printed).toContain('llama-3.1-8b, fp8, serve, 1024 in, 256 out');
    expect(printed).toContain('USD/M tokens');
    expect(printed).toContain('nothing here was measured with kernels of this project');
  });

  it("takes the vendor's library for workloads given, this project's kernels otherwise", () => {
    const json = join(folder, 'estimate.json');
    estimate({ workloads: ['matmul:8192x8192x8192'], instances: ['p5.4xlarge'], json });
    const vendor = JSON.parse(readFileSync(json, 'utf8')) as { estimates: { tflops: number }[] };
    estimate({ workloads: ['matmul:8192x8192x8192'], instances: ['p5.4xlarge'], profile: 'tilewise', json });
    const tilewise = JSON.parse(readFileSync(json, 'utf8')) as { estimates: { tflops: number }[] };
    expect(vendor.estimates[0]!.tflops).toBeGreaterThan(tilewise.estimates[0]!.tflops);
  });

  it('tells the rates of one workload in one unit, whatever binds each accelerator', () => {
    estimate({});
    const sections = printed.split('\n\n').filter((section) => section.includes('per USD/h'));
    const units = sections.map((section) => new Set(section.match(/FLOP\/s|B\/s/g)));
    expect(units.map(({ size }) => size)).toEqual(sections.map(() => 1));
    expect(new Set(units.flatMap((used) => [...used]))).toEqual(new Set(['FLOP/s', 'B/s']));
  });

  it('knows models by their names on Hugging Face', () => {
    runEstimate({ ...estimateOptions, workloads: ['Qwen/Qwen3-8B'], instances: ['p5.48xlarge'] });
    expect(printed).toContain('qwen3-8b, f16, serve');
  });

  it.each([
    ['2026-08-01', false],
    ['2027-06-01', true],
  ])('flags prices that are old on %s: %s', (day, old) => {
    vi.useFakeTimers({ now: new Date(day) });
    try {
      const workloads = ['matmul:4096x4096x4096', 'llama-3.1-8b'];
      runEstimate({ ...estimateOptions, workloads, instances: ['p5.48xlarge'] });
    } finally {
      vi.useRealTimers();
    }
    expect(printed.match(/2026-07-20, old/g) ?? []).toHaveLength(old ? 2 : 0);
    expect(printed.includes('Some prices are older than 6 months.')).toBe(old);
  });

  it('takes accelerators without a provider, from the catalogue or from a file', () => {
    const file = join(folder, 'gpu.json');
    const { id: _id, source: _source, ...l40s } = findAccelerator('nvidia-l40s')!;
    writeFileSync(file, JSON.stringify({ ...l40s, name: 'A GPU of my own' }));
    const json = join(folder, 'bare.json');
    const workloads = ['llama-3.1-8b:weights=fp8', 'attention:q=4096,causal'];
    runEstimate({
      ...estimateOptions,
      workloads,
      accelerators: ['nvidia-rtx-5090', 'nvidia-l40s=2', `${file}=2`],
      json,
    });
    expect(printed).toContain('1 x GeForce RTX 5090');
    expect(printed).not.toContain('no date');
    const { transformers } = JSON.parse(readFileSync(json, 'utf8')) as {
      transformers: { instanceType: string; tokensPerSecond: number }[];
    };
    const rate = (type: string): number =>
      transformers.find(({ instanceType }) => instanceType === type)!.tokensPerSecond;
    expect(rate('2 x A GPU of my own')).toBe(rate('2 x NVIDIA L40S'));
  });

  it.each<[string, string, unknown]>([
    ['an unknown id', 'rtx5090', 'nearest: nvidia-rtx-5090'],
    ['a part of an id', 'h200', 'nearest: nvidia-h200'],
    ['a count of none', 'nvidia-l4=0', 'a whole number of at least 1'],
    ['a count that is text', 'nvidia-l4=two', 'a whole number of at least 1'],
    ['a file that is not there', 'nope.json', 'cannot be read as JSON'],
  ])('refuses %s', (_what, accelerator, message) => {
    const run = (): number =>
      runEstimate({ ...estimateOptions, workloads: ['mistral-7b'], accelerators: [accelerator] });
    expect(run).toThrow(UsageError);
    expect(run).toThrow(String(message));
  });

  it('refuses accelerators together with a provider', () => {
    const options = { workloads: ['mistral-7b'], accelerators: ['nvidia-l4'], providers: ['aws'] };
    expect(() => runEstimate({ ...estimateOptions, ...options })).toThrow('not together with');
  });

  it('marks accelerators that WebGPU does not reach', () => {
    const workloads = ['llama-3.1-8b', 'matmul:4096x4096x4096'];
    runEstimate({ ...estimateOptions, workloads, instances: ['trn1.32xlarge', 'p5.48xlarge'] });
    expect(printed.match(/trn1\.32xlarge \*/g)).toHaveLength(2);
    expect(printed).not.toContain('p5.48xlarge *');
    expect(printed).toContain('are estimated from their data sheets, for comparison');
  });

  it('explains the first row of each workload', () => {
    estimate({ workloads: ['matmul:512x512x512', 'gpt-j-6b'], instances: ['p5.4xlarge'], explain: true });
    expect(printed).toContain('boost time = flops / (peak x issue x tiling x ceiling)');
    expect(printed).toContain('pass = the sum of count x time of its operations');
    expect(printed).toContain('[1] ');
  });

  it('writes JSON and CSV', () => {
    const [json, csv] = ['rows.json', 'rows.csv'].map((name) => join(folder, name));
    estimate({ workloads: ['llama-3.1-8b'], json, csv });
    const { transformers } = JSON.parse(readFileSync(json!, 'utf8')) as {
      transformers: { tokensPerSecond: number | null; explanation: object }[];
    };
    expect(transformers).toHaveLength(instances.length);
    const { data, errors } = Papa.parse<Record<string, string>>(readFileSync(csv!, 'utf8'), {
      header: true,
      skipEmptyLines: true,
    });
    expect(errors).toEqual([]);
    expect(data).toHaveLength(instances.length);
    expect(Number(data[0]!['tokensPerSecond'])).toBeCloseTo(transformers[0]!.tokensPerSecond!, 6);
    expect(Number(data[0]!['wattHoursPerMillionTokens.median'])).toBeGreaterThan(0);
    expect(data[0]).not.toHaveProperty('explanation');
  });

  it.each<[string, Partial<EstimateOptions>, string]>([
    ['an unknown instance type', { instances: ['p5.48xlarg'] }, 'nearest: p5.48xlarge'],
    [
      'a type of another provider',
      { instances: ['p5.48xlarge'], providers: ['gcp'] },
      'aws has it, gcp does not',
    ],
    ['an unknown model', { workloads: ['llama-3.2-8b'] }, 'nearest: llama-3.1-8b'],
    [
      'a model that fits nowhere',
      { workloads: ['llama-3.1-405b'], instances: ['g6.xlarge'] },
      '812 GB of weights and cache do not fit into 22 GB; 64 x NVIDIA L4 would hold them',
    ],
    [
      'heads that cannot be shared',
      { workloads: ['attention:heads=32,kv=5'] },
      '32 heads cannot share 5 heads of keys and values',
    ],
    [
      'operands that fit nowhere',
      { workloads: ['matmul:1000000x1000000x1000000'], providers: ['aws'], instances: ['p5.48xlarge'] },
      '6000 GB of operands and results do not fit into',
    ],
    [
      'an accelerator whose rates are unknown',
      { workloads: ['matmul:4096x4096x4096'], accelerators: ['nvidia-h100-nvl'] },
      'the fp16Tensor rate of H100 NVL 94GB is unknown',
    ],
    [
      'accelerators that cannot share a model',
      { workloads: ['llama-3.1-8b:ways=3'] },
      'ways is 3, which does not divide the 32 heads of llama-3.1-8b',
    ],
    ['two documents on one stream', { json: '-', csv: '-' }, 'cannot both have standard output'],
    ['results that are none', { results: '/nowhere.json' }, 'cannot be read as JSON'],
    [
      'results that would bear on nothing',
      { workloads: ['llama-3.1-8b'], results: '/nowhere.json' },
      'what was measured bears on operations',
    ],
  ])('refuses %s', (_what, options, message) => {
    const run = (): number => estimate({ workloads: ['matmul:64x64x64'], ...options });
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });
});

describe('committed results', () => {
  it('are none yet, and the estimate says so', () => {
    expect(committedResults()).toEqual([]);
    runEstimate({ ...estimateOptions, workloads: ['matmul:64x64x64'], profile: 'tilewise' });
    expect(printed).toContain('Nothing was measured.');
    expect(printed).toContain('Every row is datasheet only.');
  });
});

describe('tilewise plan', () => {
  const planOptions: PlanOptions = {
    budget: 38e9,
    years: 7,
    workload: 'llama-3.1-70b:weights=fp8',
    utilisation: 0.6,
    rampMonths: 12,
    explain: false,
  };
  const plan = (options: Partial<PlanOptions>): number => runPlan({ ...planOptions, ...options });

  it('prints what a budget buys, and the deals', () => {
    expect(plan({ provider: 'aws', explain: true })).toBe(0);
    expect(printed).toContain('38 billion USD over 7 years');
    expect(printed).toContain('At list prices:');
    expect(printed).toContain('At committed prices:');
    expect(printed).toContain('OpenAI - AWS extension, added value: 100 USD bn');
    expect(printed).toContain('tokens = tokens/s x 3600 x 8766 h');
  });

  it('writes JSON and CSV', () => {
    const [json, csv] = ['plan.json', 'plan.csv'].map((name) => join(folder, name));
    plan({ mix: 'p5.48xlarge=0.5,aws:p6-b200.48xlarge=0.5', json, csv });
    const written = JSON.parse(readFileSync(json!, 'utf8')) as { outcomes: object[]; deals: object[] };
    expect(written.outcomes).toHaveLength(2);
    expect(written.deals.length).toBeGreaterThan(8);
    expect(readFileSync(csv!, 'utf8').trim().split('\n')).toHaveLength(1 + 2 * 7);
  });

  it.each<[string, Partial<PlanOptions>, string]>([
    ['a budget of zero', { budget: 0 }, 'the budget is 0, expected a number above 0'],
    ['a budget that is text', { budget: Number('a lot') }, 'the budget is NaN'],
    ['an operation', { workload: 'matmul:1x1x1' }, 'a plan needs a transformer'],
    ['a mix that is none', { mix: 'p5.48xlarge' }, 'expected TYPE=SHARE'],
    ['an unknown type', { mix: 'p5.49xlarge=1' }, 'nearest: p5.48xlarge'],
    ['a mix of another provider', { provider: 'gcp', mix: 'aws:p5.48xlarge=1' }, 'is not of --provider gcp'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => plan(options)).toThrow(UsageError);
    expect(() => plan(options)).toThrow(message);
  });

  it('takes a price where no list has one, instead of both kinds', () => {
    const [json] = ['priced.json'].map((name) => join(folder, name));
    plan({
      mix: 'p6e-gb200.36xlarge=1',
      provider: 'aws',
      prices: ['p6e-gb200.36xlarge=40'],
      explain: true,
      json,
    });
    const { outcomes } = JSON.parse(readFileSync(json!, 'utf8')) as Plan;
    expect(outcomes.map(({ kind }) => kind)).toEqual(['given']);
    expect(outcomes[0].accelerators).toBeCloseTo(38e9 / (10 * 6.5 * 8766), 3);
    expect(printed).toContain('price: given with the request');
    expect(printed).toContain('Year by year, at given prices');
    expect(printed).toContain('25 % less: +33 %');
  });

  it.each([
    [['p6e-gb200.36xlarge'], 'expected TYPE=USD'],
    [['p6e-gb200.36xlarge=0'], 'the price of p6e-gb200.36xlarge is 0'],
    [['p6e-gb200.36xlarge=1e'], 'the price of p6e-gb200.36xlarge is NaN'],
    [['p5.48xlarge=3'], 'not in the mix'],
    [undefined, 'no list price is known; give one (--price, or `prices` of the request)'],
  ])('refuses the price %j', (prices, message) => {
    const run = (): number => plan({ mix: 'p6e-gb200.36xlarge=1', provider: 'aws', prices });
    expect(run).toThrow(UsageError);
    expect(run).toThrow(message);
  });

  it('reads a mix', () => {
    expect(parseMix(' p5.48xlarge = 0.5 , gcp:a3-highgpu-8g=.5', undefined)).toEqual([
      { provider: 'aws', instanceType: 'p5.48xlarge', share: 0.5 },
      { provider: 'gcp', instanceType: 'a3-highgpu-8g', share: 0.5 },
    ]);
  });
});

describe('tilewise catalog', () => {
  const catalog = (options: Partial<CatalogOptions>): number =>
    runCatalog({ filter: [], tables: ['accelerators', 'instances'], ...options });

  it('lists everything', () => {
    expect(catalog({ tables: ['accelerators', 'instances', 'published', 'facts'] })).toBe(0);
    expect(printed).toContain(`Accelerators: ${accelerators.length}`);
    expect(printed).toContain(`Instance types: ${instances.length}`);
    expect(printed).toContain(`Published measurements: ${publishedMeasurements.length}`);
    expect(printed).toContain(`Power, facilities, contracts and deals: ${facilityFacts.length}`);
  });

  it('filters by words, all of them', () => {
    catalog({ filter: ['AWS', 'h100'] });
    expect(printed).toContain('p5.48xlarge');
    expect(printed).not.toContain('p5en.48xlarge');
  });

  it('shows the age of prices', () => {
    vi.useFakeTimers({ now: new Date('2027-06-01') });
    try {
      catalog({ filter: ['p5.48xlarge'], tables: ['instances'] });
    } finally {
      vi.useRealTimers();
    }
    expect(printed).toContain('2026-07-20');
    expect(printed).toContain('over six months old');
  });

  it('keeps the width of the terminal where a source is long', () => {
    vi.stubEnv('COLUMNS', '100');
    catalog({ explain: 'nvidia-b200' });
    vi.unstubAllEnvs();
    expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(printed).toMatch(/^memoryGb +180$/m);
  });

  it('shows a row whole, what is unknown too', () => {
    catalog({ explain: 'nvidia-b300' });
    expect(printed).toContain('peakTflops.fp16Tensor');
    expect(printed).toContain('unknown');
    expect(printed).toContain('ml-engineering');
  });

  it('writes JSON and CSV', () => {
    const [json, csv] = ['catalog.json', 'catalog.csv'].map((name) => join(folder, name));
    catalog({ tables: ['accelerators'], json, csv });
    const written = JSON.parse(readFileSync(json!, 'utf8')) as { accelerators: object[] };
    expect(written.accelerators).toHaveLength(accelerators.length);
    expect(readFileSync(csv!, 'utf8').split('\n')[0]).toContain('peakTflops.fp16Tensor');
  });

  it.each<[string, Partial<CatalogOptions>, string | RegExp]>([
    ['a filter that nothing has', { filter: ['h1000'] }, 'nearest words: h100'],
    ['a filter like no word, with words that are', { filter: ['foo'] }, /nearest words: [\w., -]+$/],
    ['a row that is not there', { explain: 'nvidia-b20' }, 'nearest: nvidia-b200'],
    ['CSV of two tables', { csv: '-' }, 'rows of one table'],
    [
      'two documents on one stream',
      { tables: ['facts'], json: '-', csv: '-' },
      'cannot both have standard output',
    ],
  ])('refuses %s', (_what, options, message) => {
    expect(() => catalog(options)).toThrow(UsageError);
    expect(() => catalog(options)).toThrow(message);
  });
});

describe('the facts', () => {
  it('have a source wherever they have a value', () => {
    expect(facilityFacts.filter(({ value, source }) => value !== undefined && source === undefined)).toEqual(
      [],
    );
  });
});
