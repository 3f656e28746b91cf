import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { afterAll, describe, expect, it } from 'vitest';
import { buildReport, type ReportInput } from '../../bench/report/page/buildReport.ts';
import { renderHtml } from '../../bench/report/page/html.ts';
import { renderMarkdown } from '../../bench/report/page/markdown.ts';
import { logTicks } from '../../bench/report/plots/canvas.ts';
import { paretoFront } from '../../bench/report/plots/estimates.ts';
import type { BenchResult, EstimateRow } from '../../bench/schema.ts';
import {
  madeUpAdapter,
  madeUpCeiling,
  madeUpComparisonRow,
  madeUpResult,
  madeUpRow,
} from '../support/benchResult.ts';
import { runCli } from '../support/builtCli.ts';

const ceilings = [
  madeUpCeiling('read', 'read, 1 MiB', 9e12, 2 ** 20),
  madeUpCeiling('read', 'read, 1024 MiB', 3e12, 2 ** 30),
  madeUpCeiling('copy', 'copy, 1 MiB', 7e12, 2 ** 20),
  madeUpCeiling('copy', 'copy, 1024 MiB', 2.8e12, 2 ** 30),
  madeUpCeiling('f32', 'f32 multiply-add', 6e13),
  madeUpCeiling('subgroupMatrix', 'subgroup matrix 16x16x16, f16 into f32', 6e14),
];

const measured = madeUpResult({
  ceilings,
  measurements: [
    madeUpRow({}, 4e5),
    madeUpRow(
      {
        op: 'sum',
        family: 'reduction',
        label: 'each row',
        shapeText: '4096 x 4096',
        dtype: 'f32',
        flops: 4096 ** 2,
        workingSetBytes: 4 * 4096 ** 2,
        boundBy: 'memory',
        ceiling: 'read, 1024 MiB',
      },
      3e4,
    ),
  ],
});

const beside = madeUpResult({
  measurements: [],
  comparison: {
    peers: [
      { name: 'tfjs', version: '1.0', device: 'Made-up GPU', reason: null },
      { name: 'jax-js', version: '2.0', device: null, reason: null },
      { name: 'torch', version: null, device: null, reason: 'there is no program python3' },
    ],
    rows: [madeUpComparisonRow({ tfjs: 3, 'jax-js': 0.5 }), madeUpComparisonRow({ tfjs: 1.5 }, 'small')],
  },
});

const another = madeUpResult({
  ...measured,
  adapter: madeUpAdapter({ device: 'Another GPU' }),
  measurements: [madeUpRow({}, 8e5)],
});

const software: BenchResult = madeUpResult({
  adapter: madeUpAdapter({ device: 'llvmpipe', description: 'llvmpipe: Mesa', software: true }),
});

const estimate = (instanceType: string, usdPerHour: number, tflops: number): EstimateRow => ({
  provider: 'aws',
  instanceType,
  accelerator: 'a <script>alert(1)</script> | GPU',
  count: 1,
  webgpu: 'yes',
  region: null,
  usdPerHour,
  pricing: 'on-demand',
  priceDate: '2026-01-01',
  workload: 'matmul square 4096 x 4096 x 4096',
  dtype: 'f16',
  tflops,
  low: tflops / 2,
  high: tflops * 1.2,
  gigabytesPerSecond: tflops,
  tflopsPerUsdHour: tflops / usdPerHour,
  basis: 'datasheet only',
  bottleneck: 'arithmetic',
});

const estimates = [estimate('small', 1, 100), estimate('dear', 2, 90), estimate('large', 4, 400)];

const inputs = (...results: readonly BenchResult[]): ReportInput[] =>
  results.map((result, index) => ({ file: `out/${index}.json`, result }));

const report = (...results: readonly BenchResult[]): ReturnType<typeof buildReport> =>
  buildReport(inputs(...results), { today: '2026-01-03', estimates, notices: ['A notice.'] });

const all = report(measured, beside, another, software);
const html = renderHtml(all);
const { document } = parseHTML(html);
const textOf = (selector: string): string =>
  [...document.querySelectorAll(selector)].map(({ textContent }) => textContent).join('\n');

describe('the page', () => {
  it('needs nothing else: no script, and nothing from elsewhere', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object').length).toBe(0);
    expect(textOf('style')).toContain('prefers-color-scheme: dark');
    const outside = html.replaceAll('http://www.w3.org/', '').match(/https?:\/\/|@import|url\((?!#)/g);
    expect(outside).toBeNull();
  });

  it('shows text as text, whatever is in it', () => {
    expect(textOf('td')).toContain('<script>alert(1)</script>');
  });

  it('has every plot for wide pages and for telephones, with its numbers behind it', () => {
    const titles = [...document.querySelectorAll('article')]
      .filter((article) => article.querySelector('.plots'))
      .map((article) => {
        expect(article.querySelectorAll('.wide svg, .narrow svg').length).toBeGreaterThanOrEqual(2);
        expect(article.querySelectorAll('details table tbody tr').length).toBeGreaterThan(0);
        expect(article.querySelector('.plots')!.getAttribute('aria-label')).not.toBe('');
        return article.querySelector('h3')!.textContent;
      });
    expect(new Set(titles)).toEqual(
      new Set([
        'Throughput of each operation on each GPU',
        'Roofline',
        'Share of the ceiling',
        'Bandwidth and other ceilings',
        'Beside other libraries',
        'matmul square 4096 x 4096 x 4096, f16',
      ]),
    );
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('can be read by machines that read aloud: language, headings in order, names of regions and tables', () => {
    expect(document.documentElement.getAttribute('lang')).toBe('en');
    const levels = [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1]));
    expect(levels[0]).toBe(1);
    levels.slice(1).forEach((level, index) => expect(level - levels[index]!).toBeLessThanOrEqual(1));
    for (const element of document.querySelectorAll('[aria-labelledby]'))
      expect(document.getElementById(element.getAttribute('aria-labelledby')!)).not.toBeNull();
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll('nav a'))
      expect(document.getElementById(link.getAttribute('href')!.slice(1))).not.toBeNull();
  });

  it('marks where Tilewise is slower, and says who took no part', () => {
    const text = textOf('article');
    expect(text).toContain('0.5 slower');
    expect(text).toContain('torch took no part: there is no program python3.');
  });

  it('warns of software adapters, and keeps them out of the comparison of GPUs', () => {
    expect(textOf('.warning')).toMatch(/^llvmpipe: Mesa: this is no GPU\./);
    const side = all.sections.find(({ title }) => title === 'Side by side')!;
    expect(side.parts[0]!.table.columns.map(({ header }) => header)).toEqual([
      'operation',
      'Made-up GPU',
      'Another GPU',
    ]);
    expect(report(measured).warnings).toEqual([]);
  });
});

describe('the report', () => {
  const titles = (...results: readonly BenchResult[]): string[] =>
    report(...results).sections.map(({ title }) => title);

  it('joins a run beside rivals with that of the same machine, and names machines by what tells them apart', () => {
    expect(titles(measured, beside)).toEqual(['Machines', 'Measured', 'What it would cost in the cloud']);
    const later = { ...measured, createdAt: '2026-02-02T00:00:00.000Z' };
    expect(titles(measured, later).slice(2, 4)).toEqual([
      'Made-up GPU (2026-01-02)',
      'Made-up GPU (2026-02-02)',
    ]);
    expect(titles(measured, { ...measured }).slice(2, 4)).toEqual([
      'Made-up GPU (0.json)',
      'Made-up GPU (1.json)',
    ]);
    expect(titles(beside, another)).toContain('Another GPU');
  });

  it('says what was wrong', () => {
    const wrong = madeUpRow({
      gpuTimeNs: null,
      wallTimeNs: null,
      gflops: null,
      checked: { passed: false, maxError: 9, tolerance: 1, method: 'every element' },
    });
    const [, section] = report(madeUpResult({ measurements: [wrong] })).sections;
    expect(section!.text[0]).toContain('1 were WRONG and have no time');
  });

  it('says what the mark behind a shape means, beside rivals too', () => {
    const row = { ...madeUpComparisonRow({ tfjs: 2 }), scaledDownFrom: '4096 x 4096 x 4096' };
    const result = { ...beside, comparison: { ...beside.comparison!, rows: [row] } };
    expect(renderMarkdown(report(result))).toContain(String.raw`\* smaller than meant`);
    expect(renderMarkdown(report(beside))).not.toContain('smaller than meant');
  });

  it('holds without ceilings, and without anything', () => {
    expect(renderHtml(report(madeUpResult()))).toContain('<h3');
    expect(renderHtml(report(madeUpResult({ measurements: [] })))).toContain('0 operations');
  });

  it('is Markdown too, with a table for each part and nothing that is taken for markup', () => {
    const text = renderMarkdown(all);
    expect(text.match(/^### /gm)!.length).toBe(all.sections.flatMap(({ parts }) => parts).length);
    expect(text).toContain(String.raw`a \<script\>alert(1)\</script\> \| GPU`);
    expect(text).toMatch(/^\| +1 \| aws +\| small/m);
  });
});

describe('paretoFront', () => {
  it('keeps what nothing else beats at once in price and in rate', () => {
    const point = (usdPerHour: number, rate: number): { usdPerHour: number; rate: number } => ({
      usdPerHour,
      rate,
    });
    expect(
      paretoFront([point(4, 9), point(1, 5), point(2, 4), point(2, 7), point(3, 7), point(2, 6)]),
    ).toEqual([point(1, 5), point(2, 7), point(4, 9)]);
    expect(paretoFront([])).toEqual([]);
  });
});

describe('logTicks', () => {
  it('has 1, 2, 5 where they fit, else powers of ten, else some of them', () => {
    expect(logTicks([0.5, 30], 8)).toEqual([0.5, 1, 2, 5, 10, 20]);
    expect(logTicks([0.5, 2000], 8)).toEqual([1, 10, 100, 1000]);
    expect(logTicks([1, 1e6], 4)).toEqual([1, 100, 1e4, 1e6]);
  });
});

describe('tilewise report', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-report-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const file = (name: string, content: unknown): string => {
    writeFileSync(path(name), JSON.stringify(content));
    return path(name);
  };
  const one = file('one.json', measured);
  const two = file('two.json', beside);

  it('writes a page and Markdown of several files', async () => {
    const args = ['report', one, two, '--html', path('r.html'), '--markdown', '-', '--provider', 'aws'];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(stderr).toBe(`Written to ${path('r.html')}.\n`);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^# What Tilewise measured/);
    const page = readFileSync(path('r.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain('What it would cost in the cloud');
  });

  it.each([
    ['nothing to write', [one], /nothing to write: give --html FILE/],
    ['both to standard output', [one, '--html', '-', '--markdown', '-'], /cannot both/],
    ['the same file twice', [one, one, '--html', '-'], /is given twice/],
    ['another schema', [file('old.json', { schema: 1 }), '--html', '-'], /got schema 1: an older version/],
    ['no file', ['--html', '-'], /missing required argument 'files'/],
  ])('refuses %s', async (_name, args, message) => {
    const { exitCode, stdout, stderr } = await runCli(['report', ...args]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});
