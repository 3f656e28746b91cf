import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareResults, hasRegression, type Verdict } from '../../bench/compare/compareResults.ts';
import { renderChanges } from '../../bench/report/changes.ts';
import { SCHEMA_VERSION, type BenchResult } from '../../bench/schema.ts';
import {
  madeUpAdapter,
  madeUpCeiling,
  madeUpComparisonRow,
  madeUpResult,
  madeUpRow,
  samplesAround,
} from '../support/benchResult.ts';
import { runCli } from '../support/builtCli.ts';

const options = { thresholdPercent: 5 };

/** A result with one row at this time. */
const at = (timeNs: number, sampling: Parameters<typeof samplesAround>[1] = {}): BenchResult =>
  madeUpResult({ measurements: [madeUpRow({ gpuTimeNs: samplesAround(timeNs, sampling) })] });

const verdictOf = (before: BenchResult, after: BenchResult): Verdict =>
  compareResults(before, after, options).rows[0]!.verdict;

const wrongRow = madeUpRow({
  gpuTimeNs: null,
  wallTimeNs: null,
  checked: { passed: false, maxError: 9, tolerance: 1, method: 'every element' },
});

describe('compareResults', () => {
  it('takes what is beyond noise and the threshold for a difference', () => {
    expect(verdictOf(at(1e6), at(1.2e6))).toBe('slower');
    expect(verdictOf(at(1.2e6), at(1e6))).toBe('faster');
    expect(verdictOf(at(1e6), at(1e6))).toBe('same');
  });

  it('takes neither a small difference for one, however certain, nor a large one within noise', () => {
    const small = compareResults(at(1e6), at(1.03e6), options);
    expect(small.rows[0]).toMatchObject({ verdict: 'same' });
    expect(small.rows[0]!.adjustedProbability).toBeLessThan(0.001);
    expect(compareResults(at(1e6), at(1.03e6), { thresholdPercent: 2 }).rows[0]!.verdict).toBe('slower');
    // Both range from 1 to 3 ms.
    const noisy = { spread: 2, n: 11 };
    const within = compareResults(at(1e6, noisy), at(1.1e6, { ...noisy, seed: 2 }), options).rows[0]!;
    expect(within.timeRatio!.median).toBeGreaterThan(1.05);
    expect(within.verdict).toBe('same');
  });

  it('says that so few samples cannot tell', () => {
    expect(verdictOf(at(1e6, { n: 3 }), at(2e6, { n: 3 }))).toBe('tooFewSamples');
    expect(verdictOf(at(1e6, { n: 5 }), at(2e6, { n: 5 }))).toBe('slower');
  });

  it('asks for more certainty where there are more rows', () => {
    const rows = (timeNs: number): BenchResult =>
      madeUpResult({
        measurements: Array.from({ length: 40 }, (_, i) =>
          madeUpRow({
            label: `${i}`,
            gpuTimeNs: samplesAround(i === 0 ? timeNs : 1e6, { n: 5 }),
          }),
        ),
      });
    // 2 in 252 is rare once and common in forty.
    expect(verdictOf(rows(1e6), rows(2e6))).toBe('tooFewSamples');
  });

  it('takes rates the other way round, and does not count ceilings as regressions', () => {
    const ceiling = (rate: number): BenchResult =>
      madeUpResult({ measurements: [], ceilings: [madeUpCeiling('copy', 'copy, 64 MiB', rate)] });
    const changes = compareResults(ceiling(1e12), ceiling(0.8e12), options);
    expect(changes.rows[0]).toMatchObject({ kind: 'ceiling', verdict: 'slower' });
    expect(hasRegression(changes)).toBe(false);
    expect(renderChanges(changes, { ...options, width: 200 })).toContain('1 ceilings differ too');
  });

  it('counts what is wrong or fails now, and was right, as a regression', () => {
    const now = compareResults(at(1e6), madeUpResult({ measurements: [wrongRow] }), options);
    expect(now.rows[0]!.verdict).toBe('wrong');
    expect(hasRegression(now)).toBe(true);
    const { op, label, shapeText, dtype } = wrongRow;
    const leftOut = [{ op, label, shapeText, dtype, reason: 'it fell over', failed: true }];
    const failing = compareResults(at(1e6), madeUpResult({ measurements: [], leftOut }), options);
    expect(failing.rows[0]!.verdict).toBe('failed');
    expect(hasRegression(failing)).toBe(true);
    expect(failing.onlyBefore).toEqual([]);
    expect(verdictOf(madeUpResult({ measurements: [wrongRow] }), at(1e6))).toBe('mended');
  });

  it('lists what only one file has, and compares runs beside rivals with each other only', () => {
    const rivals = madeUpComparisonRow({ tfjs: 2 });
    const comparison = { peers: [], rows: [rivals] };
    const changes = compareResults(at(1e6), madeUpResult({ measurements: [], comparison }), options);
    expect(changes.rows).toEqual([]);
    expect(changes.onlyBefore).toEqual(['matmul square 4096 x 4096 x 4096 f16']);
    expect(changes.onlyAfter).toEqual(['matmul square 512 x 512 x 512 f32']);
    const both = madeUpResult({ measurements: [], comparison });
    expect(compareResults(both, both, options).rows[0]).toMatchObject({ kind: 'beside rivals' });
  });

  it("does not hold the host's clock against the GPU's", () => {
    const untimed = madeUpResult({
      adapter: madeUpAdapter({ timestampQuery: false }),
      measurements: [madeUpRow({ gpuTimeNs: null, wallTimeNs: samplesAround(3e6) })],
    });
    const changes = compareResults(at(1e6), untimed, options);
    expect(changes).toMatchObject({ rows: [], differences: ['clock: gpu before, host after'] });
    expect(changes.onlyBefore).toEqual(changes.onlyAfter);
    expect(verdictOf(untimed, untimed)).toBe('same');
  });

  it('says what else differs, and why files are not of the same GPU', () => {
    const other = madeUpResult({ adapter: madeUpAdapter({ description: 'NVIDIA: 999.2' }) });
    const driver = compareResults(at(1e6), other, options);
    expect(driver).toMatchObject({
      incomparable: null,
      differences: ['driver: NVIDIA: 999.1 before, NVIDIA: 999.2 after'],
    });
    const gpu = madeUpResult({ adapter: madeUpAdapter({ device: 'Another GPU' }) });
    expect(compareResults(at(1e6), gpu, options).incomparable).toMatch(
      /different GPUs, Made-up GPU and Another GPU/,
    );
    const software = madeUpResult({ adapter: madeUpAdapter({ description: 'llvmpipe', software: true }) });
    expect(compareResults(software, at(1e6), options).incomparable).toMatch(
      /software adapter \(llvmpipe\), the other on a GPU \(Made-up GPU\)/,
    );
    const elsewhere = { ...software, machine: { ...software.machine, cpuModel: 'Another processor' } };
    expect(compareResults(software, elsewhere, options).incomparable).toMatch(/different machines/);
  });
});

describe('tilewise compare', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-compare-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(content));
    return join(folder, name);
  };
  const slow = file('slow.json', at(1.5e6));
  const fast = file('fast.json', at(1e6));
  const other = file('other.json', madeUpResult({ adapter: madeUpAdapter({ device: 'Another GPU' }) }));
  const empty = file('empty.json', madeUpResult({ measurements: [] }));

  it.each([
    ['nothing slower', [slow, fast], 0, /0 slower, 1 faster/],
    ['a regression', [fast, slow], 6, /SLOWER +matmul square .* 1\.5 \(/],
    ['one that the threshold lets pass', [fast, slow, '--threshold', '60'], 0, /0 slower/],
    [
      'different GPUs, which are compared all the same',
      [fast, other],
      7,
      /NOT COMPARABLE: .*1 rows in common/s,
    ],
    ['no row in common', [fast, empty], 7, /no row in common.*only in the first: matmul square/s],
  ])('tells by its exit code: %s', async (_name, args, exitCode, output) => {
    const result = await runCli(['compare', ...args]);
    expect(result.stdout).toMatch(output);
    expect(result.exitCode).toBe(exitCode);
  });

  it.each([
    [
      'an older schema',
      [fast, file('old.json', { schema: SCHEMA_VERSION - 1 })],
      /old\.json: expected .* got schema \d: an older version wrote it; measure again/,
    ],
    ['a newer schema', [file('new.json', { schema: 99 }), fast], /got schema 99: a newer version wrote it/],
    ['another document', [file('none.json', []), fast], /none\.json: expected a file that/],
    ['no file', [join(folder, 'absent.json'), fast], /absent\.json: cannot be read as JSON/],
    ['one file only', [fast], /missing required argument 'after'/],
    ['a threshold that is none', [fast, slow, '--threshold', '-1'], /Expected a percentage/],
  ])('refuses %s', async (_name, args, message) => {
    const { exitCode, stdout, stderr } = await runCli(['compare', ...args]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it('writes everything as JSON', async () => {
    const { stdout, stderr } = await runCli(['compare', fast, slow, '--json', '-']);
    const document = JSON.parse(stdout) as { rows: { verdict: string; timeRatio: { median: number } }[] };
    expect(document).toMatchObject({ thresholdPercent: 5, significance: 0.05, incomparable: null });
    expect(document.rows[0]).toMatchObject({ verdict: 'slower' });
    expect(document.rows[0]!.timeRatio.median).toBeCloseTo(1.5, 6);
    expect(stderr).toContain('SLOWER');
  });
});
