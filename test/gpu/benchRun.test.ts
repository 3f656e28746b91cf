import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ResultSchema, type BenchResult } from '../../bench/schema.ts';
import { buildCli, runCli, type CommandResult } from '../support/builtCli.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-bench-'));
const config = join(folder, 'config.json');
const json = join(folder, 'result.json');

/** A model so small that its shapes run as they are. */
const TINY = {
  model_type: 'tiny',
  hidden_size: 64,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 96,
  vocab_size: 1000,
};

let run: CommandResult;
let result: BenchResult;

beforeAll(async () => {
  writeFileSync(config, JSON.stringify(TINY));
  await buildCli();
  run = await runCli(['bench', '--quick', '--config', config, '--budget', '20', '--json', json]);
  result = v.parse(ResultSchema, JSON.parse(readFileSync(json, 'utf8')));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('tilewise bench', () => {
  it('ends well, with all results right', () => {
    expect(run.stdout).not.toMatch(/WRONG|FAILED/);
    expect(run.exitCode).toBe(0);
    expect(result.measurements.every(({ checked }) => checked.passed)).toBe(true);
  });

  it('writes JSON that keeps to its schema, with nothing that the schema does not know', () => {
    expect(v.is(v.strictObject(ResultSchema.entries), result)).toBe(true);
  });

  it('says what it found', () => {
    expect(result.adapter.backend).toBe('webgpu');
    for (const name of ['adapter', 'driver', 'features', 'limits', 'versions', 'machine', 'instance'])
      expect(run.stdout).toMatch(new RegExp(`^${name} +\\S`, 'm'));
  });

  it('measures the ceilings that the adapter has, and checks them', () => {
    const kinds = new Set(result.ceilings.map(({ kind }) => kind));
    expect(kinds).toContain('copy');
    expect(kinds).toContain('read');
    expect(kinds).toContain('f32');
    expect(kinds.has('f16')).toBe(result.adapter.f16);
    const hasMatrices = result.adapter.subgroupMatrixConfigs.some(
      ({ componentType, resultType }) => componentType === 'f16' && resultType === 'f32',
    );
    expect(kinds.has('subgroupMatrix')).toBe(hasMatrices);
    expect(result.ceilings.every(({ checked }) => checked.passed)).toBe(true);
  });

  it('measures every family, with GPU time beside wall time and a share of a ceiling', () => {
    const families = new Set(result.measurements.map(({ family }) => family));
    expect(families).toEqual(
      new Set(['matmul', 'attention', 'reduction', 'softmax', 'norm', 'scan', 'sort']),
    );
    for (const row of result.measurements) {
      const { gpuTimeNs, wallTimeNs, ceilingPercent, flops, gflops, bytesPerSecond } = row;
      expect(gpuTimeNs?.n).toBeGreaterThanOrEqual(3);
      expect(wallTimeNs?.median).toBeGreaterThan(0);
      expect(ceilingPercent).toBeGreaterThan(0);
      // A sort does no arithmetic to speak of.
      expect(gflops! > 0).toBe(flops > 0);
      expect(bytesPerSecond).toBeGreaterThan(0);
    }
  });

  it('takes the shapes from the config', () => {
    // A busy machine may have time for a smaller one only, or for none: the shape that is meant is told in each case.
    const meant = [
      ...result.measurements.map((row) => ({ ...row, shapeText: row.scaledDownFrom ?? row.shapeText })),
      ...result.leftOut,
    ];
    const decode = meant.find(({ label }) => label === 'decode gate/up');
    expect(decode?.shapeText).toBe('1 x 96 x 64');
  });

  it('measures what the host spends on an operation', () => {
    const [chain] = result.host;
    expect(chain?.name).toContain('recorded and not waited for');
    expect(chain?.targetMicroseconds).toBe(15);
    expect(chain?.microseconds.median).toBeGreaterThan(0);
  });

  it('never scales times of a software adapter into estimates', () => {
    expect(result.estimates.length).toBeGreaterThan(1000);
    for (const { provider, priceDate, usdPerHour } of result.estimates) {
      expect(provider).not.toBe('');
      if (priceDate !== null) expect(usdPerHour).not.toBeNull();
    }
    if (!result.adapter.software) return;
    expect(new Set(result.estimates.map(({ basis }) => basis))).toEqual(new Set(['datasheet only']));
    expect(run.stdout).toContain('software adapter');
    expect(run.stdout).toContain('Every row is datasheet only.');
  });
});

describe('tilewise bench --json -', () => {
  it('writes the JSON alone to standard output', { timeout: 120_000 }, async () => {
    const { exitCode, stdout, stderr } = await runCli([
      'bench',
      '--quick',
      '--config',
      config,
      '--budget',
      '8',
      '--json',
      '-',
      '--only',
      'softmax',
      '--checked',
    ]);
    expect(exitCode).toBe(0);
    const { measurements, adapter } = v.parse(ResultSchema, JSON.parse(stdout));
    expect(new Set(measurements.map(({ op }) => op))).toEqual(new Set(['softmax']));
    expect(adapter.boundsChecked).toBe(true);
    expect(stderr).toContain('softmax');
  });
});

describe('tilewise bench ceilings', () => {
  it(
    'measures the ceilings alone: a curve of bandwidth, peaks, transfers, dispatches',
    {
      timeout: 120_000,
    },
    async () => {
      const { exitCode, stdout, stderr } = await runCli([
        'bench',
        'ceilings',
        '--quick',
        '--budget',
        '4',
        '--json',
        '-',
      ]);
      expect(exitCode).toBe(0);
      const { ceilings, measurements, estimates, host } = v.parse(ResultSchema, JSON.parse(stdout));
      for (const kind of ['copy', 'read', 'write']) {
        const sizes = ceilings
          .filter((row) => row.kind === kind)
          .map(({ workingSetBytes }) => workingSetBytes);
        expect(sizes.length).toBeGreaterThanOrEqual(8);
        expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
      }
      const kinds = ceilings.map(({ kind }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(['f32', 'upload', 'readBack']));
      expect(ceilings.every(({ checked }) => checked.passed)).toBe(true);
      expect(measurements).toEqual([]);
      expect(estimates).toEqual([]);
      expect(host.map(({ name }) => name).join()).toContain('small dispatches in a pass');
      expect(stderr).toMatch(/upload, \d+ MiB +[\d.]+ [MG]B\/s/);
    },
  );
});
