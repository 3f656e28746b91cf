import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { committedResults } from '../../bench/commands/committedResults.ts';
import { resultsFileName } from '../../bench/commands/resultsFile.ts';
import { estimate } from '../../bench/estimate/index.ts';
import { measuredIn, operationsOf, toResultRow, toRun } from '../../bench/commands/estimates.ts';
import { ResultSchema, SCHEMA_VERSION, type BenchResult } from '../../bench/schema.ts';
import { allWorkloads, LLAMA_3_1_8B } from '../../bench/suites/index.ts';
import { madeUpAdapter, madeUpResult, madeUpRow } from '../support/benchResult.ts';
import { cliFile, runCli } from '../support/builtCli.ts';
import { execFileSync } from 'node:child_process';
import * as v from 'valibot';

const result = madeUpResult();
const NAME = 'made-up-gpu-999.1-2026-01-02.json';

describe('the name of a results file', () => {
  it.each([
    [result, NAME],
    [
      madeUpResult({ adapter: madeUpAdapter({ device: 'NVIDIA H100 80GB HBM3' }) }),
      'nvidia-h100-80gb-hbm3-999.1-2026-01-02.json',
    ],
    [
      madeUpResult({ adapter: madeUpAdapter({ description: 'a driver/of some kind' }) }),
      'made-up-gpu-a-driver-of-some-kind-2026-01-02.json',
    ],
    [madeUpResult({ adapter: madeUpAdapter({ description: '' }) }), 'made-up-gpu-2026-01-02.json'],
    [madeUpResult({ comparison: { peers: [], rows: [] } }), 'made-up-gpu-999.1-2026-01-02-peers.json'],
    [
      madeUpResult({
        adapter: madeUpAdapter({
          software: true,
          architecture: 'llvmpipe',
          description: 'llvmpipe: Mesa 26.1.6-1 (LLVM 19)',
        }),
      }),
      'llvmpipe-26.1.6-2026-01-02.json',
    ],
    [madeUpResult({ adapter: madeUpAdapter({ backend: 'cpu' }) }), 'cpu-2026-01-02.json'],
  ])('tells GPU, driver and day', (given, name) => expect(resultsFileName(given)).toBe(name));
});

describe('committed results', () => {
  const workloads = operationsOf(allWorkloads(LLAMA_3_1_8B, true, 'default'));
  const estimates = estimate({ workloads, today: '2026-01-03', providers: ['aws'] }).rows.map(toResultRow);
  const committed = (given: unknown, name = NAME): readonly BenchResult[] =>
    committedResults({ [`../results/${name}`]: given });

  it('are those in bench/results, and belong there', () => {
    const folder = join(import.meta.dirname, '../../bench/results');
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    const contents = files.map((name) => [`/${name}`, JSON.parse(readFileSync(join(folder, name), 'utf8'))]);
    expect(committedResults(Object.fromEntries(contents)).length).toBe(files.length);
    expect(committedResults().length).toBe(files.length);
  });

  it('come newest first', () => {
    const later = { ...result, createdAt: '2026-02-03T00:00:00.000Z' };
    const files = { [`/${NAME}`]: result, '/made-up-gpu-999.1-2026-02-03.json': later };
    expect(committedResults(files)).toEqual([later, result]);
  });

  it('feed the estimates', () => {
    const [device, row] = ['NVIDIA L4', madeUpRow()];
    const given = madeUpResult({ adapter: madeUpAdapter({ device }), measurements: [row] });
    const [first] = committed(given, 'nvidia-l4-999.1-2026-01-02.json');
    const { rows } = estimate({
      workloads,
      runs: [toRun(measuredIn(first!))],
      today: '2026-01-03',
      profile: 'tilewise',
      providers: ['aws'],
    });
    const square = rows.filter(({ workload }) => workload === 'matmul square 4096 x 4096 x 4096');
    const bases = (accelerator: RegExp): Set<string> =>
      new Set(square.filter((row) => accelerator.test(row.accelerator)).map(({ basis }) => basis));
    expect(bases(/^nvidia-l4$/)).toContain('measured');
    expect(bases(/^nvidia-h100-sxm/)).toContain('scaled');
    expect(bases(/^nvidia-h100-sxm/)).not.toContain('measured');
  });

  it.each([
    ['another document', { schema: SCHEMA_VERSION }, NAME, /"createdAt"/],
    ['another schema', { ...result, schema: 1 }, NAME, /"schema"/],
    [
      'a software adapter',
      madeUpResult({ adapter: madeUpAdapter({ software: true }) }),
      NAME,
      /a processor's times/,
    ],
    [
      'the CPU path',
      madeUpResult({ adapter: madeUpAdapter({ backend: 'cpu' }) }),
      NAME,
      /a processor's times/,
    ],
    [
      'a wrong result',
      madeUpResult({ measurements: [madeUpRow({ checked: { ...madeUpRow().checked, passed: false } })] }),
      NAME,
      /a result is wrong/,
    ],
    ['estimates', madeUpResult({ estimates }), NAME, /has estimates/],
    ['another name', result, 'h100.json', /its name would be made-up-gpu-999\.1-2026-01-02\.json/],
  ])('are refused: %s', (_what, given, name, message) => {
    expect(() => committed(given, name)).toThrow(message);
  });
});

describe('tilewise bench --json', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-results-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names the file by itself, and leaves estimates out where they are not wanted', async () => {
    await runCli(['--version']);
    const args = [
      'bench',
      '--adapter',
      'cpu',
      '--quick',
      '--only',
      'sum',
      '--budget',
      '1',
      '--no-estimates',
      '--json',
    ];
    const output = execFileSync(process.execPath, [cliFile, ...args], { cwd: folder, encoding: 'utf8' });
    const [name] = readdirSync(folder);
    expect(name).toMatch(/^cpu-\d{4}-\d\d-\d\d\.json$/);
    expect(output).toContain(`Written to ${name}.`);
    expect(output).not.toContain('Estimates:');
    const written = v.parse(ResultSchema, JSON.parse(readFileSync(join(folder, name!), 'utf8')));
    expect(written).toMatchObject({ estimates: [], notices: [] });
    expect(resultsFileName(written)).toBe(name);
  });
});
