import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCli, runCli } from '../support/builtCli.ts';
import { SCHEMA_VERSION } from '../../bench/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-cli-'));
const path = (name: string): string => join(folder, name);

function file(name: string, content: string): string {
  writeFileSync(path(name), content);
  return path(name);
}

beforeAll(() => buildCli(), 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const config = { hidden_size: 64, num_attention_heads: 4, intermediate_size: 128, vocab_size: 100 };

describe('tilewise, given what makes no sense,', { timeout: 30_000 }, () => {
  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown flag', ['bench', '--quik'], /unknown option '--quik'\n\(Did you mean --quick\?\)/],
    ['an unknown command', ['benhc'], /unknown command 'benhc'\n\(Did you mean bench\?\)/],
    ['two flags that exclude each other', ['bench', '--quick', '--full'], /'--quick' cannot be used with/],
    ['a number that is none', ['bench', '--seed', 'x'], /'x' is invalid. Expected a whole number/],
    ['a budget of nothing', ['bench', '--budget', '0'], /Expected a number above 0/],
    ['an unknown operation', ['bench', '--only', 'matmull'], /'matmull' is invalid\. Did you mean matmul\b/],
    ['one of several unknown', ['bench', '--only', 'matmul,sofmax'], /Did you mean softmax\b/],
    [
      'an unknown rival',
      ['bench', '--peers', 'tfjs,foo'],
      /'tfjs,foo' is invalid\. Did you mean [\w-]+, .* Known are tfjs, jax-js, onnxruntime, torch/,
    ],
    ['a misspelt rival', ['bench', '--peers', 'tfjs', 'onnxrutime'], /Did you mean onnxruntime\b/],
    ['an unknown provider', ['bench', '--provider', 'awz'], /Did you mean aws\b/],
    [
      'an absent config',
      ['bench', '--config', '/absent.json'],
      /--config \/absent\.json: the file cannot be read/,
    ],
    [
      'a config that is not JSON',
      ['bench', '--config', file('text.json', '{ hidden')],
      /text\.json: this is not JSON/,
    ],
    [
      'a config with a field missing',
      ['bench', '--config', file('short.json', JSON.stringify({ ...config, vocab_size: undefined }))],
      /short\.json: the field "vocab_size" is missing/,
    ],
    [
      'results that are none',
      ['estimate', '--results', file('other.json', '{"schema":99}')],
      /expected a file that `tilewise bench --json` wrote with schema \d, got schema 99/,
    ],
    [
      'results that are another JSON',
      ['estimate', '--results', file('empty.json', '{}')],
      /wrote with schema \d, got something else/,
    ],
    [
      'a budget with a unit',
      ['plan', '--budget', '38bn', '--years', '7'],
      /'38bn' is invalid\. Expected a number above 0/,
    ],
    [
      'a ramp that is none',
      ['plan', '--budget', '38e9', '--years', '7', '--ramp', ''],
      /Expected a number of at least 0/,
    ],
    [
      'results with a field missing',
      ['estimate', '--results', file('part.json', `{"schema":${SCHEMA_VERSION}}`)],
      /part\.json: "\w+": /,
    ],
  ];

  it.each(usage)('says so: %s', async (_name, args, message) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it.each([['bench'], ['tune'], ['run', 'x.js']])(
    'says so: an environment that names no adapter, %s',
    async (...args) => {
      const { exitCode, stderr } = await runCli(args, { env: { TILEWISE_ADAPTER: 'fast' } });
      expect(stderr).toContain("TILEWISE_ADAPTER is 'fast'; expected one of auto, hardware, software, none");
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(exitCode).toBe(2);
    },
  );

  it('says so before it measures: a JSON file that cannot be written', async () => {
    const { exitCode, stderr } = await runCli(['bench', '--json', path('absent/out.json')]);
    expect(stderr).toContain('the file cannot be written: its folder does not exist');
    expect(exitCode).toBe(5);
  });

  it('says so: rivals without an adapter to meet them on', async () => {
    const { exitCode, stderr } = await runCli(['bench', '--peers', '--adapter', 'cpu']);
    expect(stderr).toContain('--peers: needs a WebGPU adapter');
    expect(exitCode).toBe(3);
  });

  it('says so: an adapter that is not there', async () => {
    const { exitCode, stderr } = await runCli(['bench', '--adapter', 'no such gpu', '--budget', '1'], {
      env: { TILEWISE_ADAPTER: 'none' },
    });
    expect(stderr).toMatch(/no such gpu/);
    expect(exitCode).toBe(3);
  });
});

describe('tilewise', { timeout: 60_000 }, () => {
  it('says in its help which options are required', async () => {
    const { stdout } = await runCli(['plan', '--help']);
    expect(stdout).toMatch(/--years <n> .*\(required\)/);
    expect(stdout).not.toMatch(/--utilisation .*\(required\)/);
  });

  it('has help with its exit codes', async () => {
    const { exitCode, stdout } = await runCli(['bench', '--help']);
    expect(stdout).toContain('Exit codes:');
    expect(stdout).toContain('130  interrupted; nothing was written');
    expect(exitCode).toBe(0);
  });

  it('estimates without measuring', async () => {
    const json = path('estimates.json');
    const { exitCode, stdout } = await runCli([
      'estimate',
      '--provider',
      'aws',
      '--top',
      '1',
      '--json',
      json,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('datasheet only');
    const { estimates } = JSON.parse(readFileSync(json, 'utf8')) as { estimates: { provider: string }[] };
    expect(new Set(estimates.map(({ provider }) => provider))).toEqual(new Set(['aws']));
  });

  it('runs on the CPU path, and takes the shapes of a config', async () => {
    const shapes = file('config.json', JSON.stringify({ ...config, model_type: 'tiny' }));
    const args = [
      'bench',
      '--adapter',
      'cpu',
      '--budget',
      '3',
      '--config',
      shapes,
      '--json',
      '-',
      '--top',
      '1',
    ];
    const { exitCode, stdout, stderr } = await runCli(args);
    expect(exitCode).toBe(0);
    const result = JSON.parse(stdout) as {
      adapter: { backend: string };
      run: { model: { name: string } };
      measurements: { label: string; shapeText: string; scaledDownFrom: string | null }[];
      leftOut: { label: string; shapeText: string }[];
    };
    expect(result.adapter.backend).toBe('cpu');
    expect(result.run.model.name).toBe('tiny');
    // A busy machine may have time for a smaller shape only, or for none.
    const meant = [
      ...result.measurements.map((row) => ({ ...row, shapeText: row.scaledDownFrom ?? row.shapeText })),
      ...result.leftOut,
    ];
    expect(meant.find(({ label }) => label === 'decode gate/up')?.shapeText).toBe('1 x 128 x 64');
    expect(stderr).toContain('everything runs on the CPU path');
  });

  it('stops on Ctrl-C and writes nothing', async () => {
    const json = path('interrupted.json');
    const { exitCode, stderr } = await runCli(
      ['bench', '--adapter', 'cpu', '--budget', '30', '--json', json],
      {
        interruptAt: 'ok ',
      },
    );
    expect(stderr).toContain('Interrupted: nothing was written.');
    expect(exitCode).toBe(130);
    expect(existsSync(json)).toBe(false);
  });
});

it(
  'tilewise run, interrupted while it looks for an adapter, does not go on',
  { timeout: 60_000 },
  async () => {
    // In the process that asks for adapters, and before it can find any: Ctrl-C, and an adapter all the same.
    const interrupt = file(
      'interrupt.cjs',
      `if (/probeAdapter/.test(process.argv[1])) {
      process.kill(process.ppid, 'SIGINT');
      const adapter = { device: 'one', description: '', isSoftware: false };
      console.log(JSON.stringify({ ok: true, adapter }));
      process.exit();
    }`,
    );
    const { exitCode, stdout } = await runCli(
      ['run', '--adapter', 'hardware', file('program.mjs', "console.log('runs')")],
      { env: { NODE_OPTIONS: `--require=${interrupt}` } },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  },
);
