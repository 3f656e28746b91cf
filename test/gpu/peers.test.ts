import { createRequire } from 'node:module';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operand } from '../../bench/measure/operand.ts';
import { PeerContender, tilewiseContender } from '../../bench/peers/contender.ts';
import { contest, type Outcome } from '../../bench/peers/contest.ts';
import { deviceName } from '../../bench/peers/dawn.ts';
import { peerCommand } from '../../bench/peers/index.ts';
import { ResultSchema, type BenchResult } from '../../bench/schema.ts';
import { comparedWorkloads } from '../../bench/suites/index.ts';
import type { Workload } from '../../bench/suites/workload.ts';
import type { GpuDevice } from '../../src/node.ts';
import { buildCli, cliFile, runCli, type CommandResult } from '../support/builtCli.ts';
import { testDevice } from './support/device.ts';

/** onnxruntime is not a dependency: `npm run peers:install` gets it. */
const hasOnnxruntime = (() => {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node');
    return true;
  } catch {
    return false;
  }
})();

const TINY = {
  name: 'tiny',
  hidden: 64,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  feedForward: 96,
  vocabulary: 1000,
  gated: true,
};

beforeAll(() => buildCli(), 60_000);

describe.each(['tfjs', 'jax-js', ...(hasOnnxruntime ? ['onnxruntime'] : [])])('%s', (name) => {
  let device: GpuDevice;
  let peer: PeerContender;
  beforeAll(async () => {
    device = await testDevice();
    const settings = { checked: false, device: deviceName(device.capabilities.adapter) };
    peer = new PeerContender(name, peerCommand(name, cliFile), settings);
    await peer.open();
  }, 60_000);
  afterAll(() => peer.close());

  async function outcomeOf(workload: Workload): Promise<Outcome> {
    const { operation, checker, problems } = workload;
    const problem = problems.at(-1);
    const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, index));
    const assignment = { operation, problem, operands, task: workload.task!(problem) };
    const { check, peers } = await contest(tilewiseContender(device), [peer], checker, assignment, {
      maxCheckSteps: 1e7,
      seed: 1,
      minSampleNs: 1e5,
      timeMs: 0,
      minRounds: 2,
      maxRounds: 2,
    });
    expect(check.passed).toBe(true);
    return peers[0]!.outcome;
  }

  // One of each kind: shaders take a software adapter long to compile.
  const byKind = new Map(
    // The first of a kind is the shortest.
    comparedWorkloads(TINY, true, 'default')
      .toReversed()
      .map((workload) => {
        const task = workload.task!(workload.problems[0]);
        const kind =
          'axes' in task
            ? `over ${task.axes.join()}`
            : 'axis' in task
              ? `along ${task.axis}`
              : 'transposeB' in task && task.transposeB
                ? 'b transposed'
                : 'causal' in task
                  ? task.seqLenQ === 1
                    ? 'decode'
                    : task.causal
                      ? 'causal prompt'
                      : 'unmasked prompt'
                  : '';
        return [`${task.op} ${kind} ${task.dtype}`, workload];
      }),
  );

  it.each([...byKind])('computes what it is asked for: %s', async (kind, workload) => {
    const halfPrecision = workload.operation.dtype(workload.problems[0]) === 'f16';
    if (halfPrecision && !device.capabilities.f16) return;
    const outcome = await outcomeOf(workload);
    if (name === 'tfjs' && halfPrecision) {
      expect(outcome).toEqual({ status: 'notOffered', reason: 'no f16' });
    } else if (name === 'tfjs' && workload.op === 'sort') {
      expect(outcome).toEqual({ status: 'notOffered', reason: 'no sort' });
    } else if (name === 'onnxruntime' && kind.includes('prompt')) {
      // 1.30.0 gets prompts wrong with subgroups of 8.
      expect(outcome.status).toMatch(device.capabilities.subgroups?.minSize === 8 ? /wrong/ : /timed/);
    } else {
      expect(outcome).toMatchObject({ status: 'timed', ratio: { n: 2 } });
    }
  });
});

describe('tilewise bench --peers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-peers-'));
  const json = join(folder, 'result.json');
  let run: CommandResult;
  let result: BenchResult;

  beforeAll(async () => {
    const config = join(folder, 'config.json');
    const { hidden, heads, kvHeads, feedForward, vocabulary } = TINY;
    writeFileSync(
      config,
      JSON.stringify({
        model_type: 'tiny',
        hidden_size: hidden,
        num_attention_heads: heads,
        num_key_value_heads: kvHeads,
        intermediate_size: feedForward,
        vocab_size: vocabulary,
      }),
    );
    const args = ['--quick', '--config', config, '--budget', '30', '--only', 'matmul', 'softmax'];
    run = await runCli(['bench', '--peers', ...args, '--json', json]);
    result = v.parse(ResultSchema, JSON.parse(readFileSync(json, 'utf8')));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends well, and writes JSON that keeps to its schema', () => {
    expect(run.exitCode).toBe(0);
    expect(v.is(v.strictObject(ResultSchema.entries), result)).toBe(true);
    expect(result.measurements).toEqual([]);
  });

  it('says who takes part, and why others do not', () => {
    const peers = new Map(result.comparison!.peers.map((peer) => [peer.name, peer]));
    expect([...peers.keys()]).toEqual(['tfjs', 'jax-js', 'onnxruntime', 'torch']);
    for (const name of ['tfjs', 'jax-js']) {
      expect(peers.get(name)).toMatchObject({
        version: expect.any(String),
        device: expect.any(String),
        reason: null,
      });
    }
    if (!hasOnnxruntime) {
      expect(run.stderr).toContain(
        'onnxruntime takes no part: the package onnxruntime-node is not installed',
      );
    }
    const torch = peers.get('torch')!;
    expect(torch.version === null).toBe(torch.reason !== null);
  });

  it('shows ratios with intervals of all that take part', () => {
    const { rows } = result.comparison!;
    expect(new Set(rows.map(({ op }) => op))).toEqual(new Set(['matmul', 'softmax']));
    for (const { timeNs, peers, dtype } of rows) {
      expect(timeNs!.n).toBeGreaterThanOrEqual(5);
      const tfjs = peers.find(({ name }) => name === 'tfjs')!;
      if (dtype === 'f16') expect(tfjs.reason).toBe('no f16');
      else expect(tfjs.ratio!.median).toBeGreaterThan(0);
      expect(peers.find(({ name }) => name === 'jax-js')!.ratio!.n).toBe(timeNs!.n);
    }
    expect(run.stdout).toMatch(/operation +shape +type .*tfjs +jax-js/);
    expect(run.stdout).toMatch(/tfjs: Tilewise faster in \d+ of \d+ rows/);
  });
});

describe('tilewise bench --peers, where libraries fail to load,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewise-broken-peers-'));
  const root = join(import.meta.dirname, '../..');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says so of each, and goes on with the rest', { timeout: 120_000 }, async () => {
    const modules = join(folder, 'node_modules');
    cpSync(cliFile, join(folder, 'dist/cli.js'));
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true });
    mkdirSync(modules);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['webgpu', '@jax-js'])
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    const broken = join(modules, '@tensorflow/tfjs-core');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'package.json'), '{ "main": "index.cjs" }');
    writeFileSync(join(broken, 'index.cjs'), 'throw new Error("it broke while it was loaded")');
    const args = ['--quick', '--only', 'softmax', '--budget', '8', '--json', join(folder, 'out.json')];
    const { stdout, stderr, exitCode } = await runCli(['bench', '--peers', ...args], {
      file: join(folder, 'dist/cli.js'),
      // No Python either.
      env: { PATH: folder },
    });
    expect(stderr).toContain('tfjs takes no part: it broke while it was loaded');
    expect(stderr).toContain(
      'onnxruntime takes no part: the package onnxruntime-node is not installed: npm install',
    );
    expect(stderr).toContain('torch takes no part: there is no program python3');
    expect(stdout).toMatch(/jax-js: Tilewise faster in \d+ of \d+ rows/);
    expect(exitCode).toBe(0);
    const { comparison } = v.parse(ResultSchema, JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')));
    expect(comparison!.peers.filter(({ version }) => version !== null).map(({ name }) => name)).toEqual([
      'jax-js',
    ]);
    expect(comparison!.rows.length).toBeGreaterThan(0);
  });
});
