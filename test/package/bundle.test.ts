import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'tilewise-bundle-test-'));
const bundle = join(work, 'tilewise-bench.run');
const cache = join(work, 'cache');
const tools = join(work, 'tools');
const elsewhere = join(work, 'elsewhere');

/** All that the file needs, besides a shell. */
const TOOLS = ['tail', 'tar', 'gzip', 'mkdir', 'mv', 'rm'];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with no more in its environment than this. */
function run(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  interruptAt?: string,
): Promise<Ended> {
  const [file, ...args] = command;
  const child = spawn(file!, args, { cwd: elsewhere, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let [stdout, stderr, sent] = ['', '', false];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
      // Once: a second one ends it at once.
      if (!sent && interruptAt !== undefined && stderr.includes(interruptAt)) sent = child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the file as a stranger would, where there is nothing: neither PATH beyond its tools nor home. */
const runBundle = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(['/bin/sh', bundle, ...args], { PATH: tools, TILEWISE_CACHE_DIR: cache, ...env });

beforeAll(async () => {
  mkdirSync(tools);
  mkdirSync(elsewhere);
  for (const tool of TOOLS) {
    const found = ['/usr/bin', '/bin'].find((folder) => readdirSync(folder).includes(tool))!;
    symlinkSync(join(found, tool), join(tools, tool));
  }
  const { code, stderr } = await run(
    [process.execPath, join(root, 'scripts/bundle.mjs'), '--out', bundle],
    process.env as Record<string, string>,
  );
  if (code !== 0) throw new Error(stderr);
  chmodSync(elsewhere, 0o555);
});
afterAll(() => {
  chmodSync(elsewhere, 0o755);
  rmSync(work, { recursive: true, force: true });
});

describe('the bundle', () => {
  it('unpacks itself with few tools, and once; then even without any', async () => {
    expect(await runBundle(['--version'])).toMatchObject({ code: 0, stderr: '' });
    const folder = join(cache, readdirSync(cache)[0]!);
    const { mtimeMs } = statSync(join(folder, 'ok'));
    expect(await runBundle(['--version'], { PATH: '' })).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(join(folder, 'ok')).mtimeMs).toBe(mtimeMs);
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('benches, wherever it is called', async () => {
    const { code, stdout, stderr } = await runBundle([
      'bench',
      '--adapter',
      'cpu',
      '--quick',
      '--only',
      'sum',
      '--budget',
      '2',
      '--json',
      '-',
    ]);
    expect(stderr).toContain('the CPU path');
    const result = JSON.parse(stdout) as { measurements: { checked: { passed: boolean } }[] };
    expect(result.measurements.length).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('brings Dawn and a Vulkan loader', async () => {
    const { stdout } = await runBundle(['doctor', '--json'], { TILEWISE_ADAPTER: 'hardware' });
    const { findings } = JSON.parse(stdout) as { findings: { id: string; status: string; text: string }[] };
    const text = JSON.stringify(findings);
    expect(text).toContain('the package webgpu (Dawn) loads');
    expect(text).not.toContain('cannot open shared object file');
  });

  it('hands exit codes and signals on', async () => {
    expect(await runBundle(['bench', '--quik'])).toMatchObject({ code: 2 });
    const env = { PATH: tools, TILEWISE_CACHE_DIR: cache };
    // More than the first row, so that the interruption comes before the end on any machine.
    const args = [
      'bench',
      '--quick',
      '--adapter',
      'cpu',
      '--only',
      'sum',
      'softmax',
      'norm',
      '--budget',
      '60',
    ];
    const { code, stderr } = await run(['/bin/sh', bundle, ...args], env, 'sum');
    expect(stderr).toContain('Interrupted: nothing was written.');
    expect(code).toBe(130);
  });

  it('takes another folder where the first is of no use', async () => {
    const TMPDIR = join(work, 'tmp');
    mkdirSync(TMPDIR);
    expect(await runBundle(['--version'], { TILEWISE_CACHE_DIR: '/proc/none', TMPDIR })).toMatchObject({
      code: 0,
    });
    expect(readdirSync(TMPDIR)).toHaveLength(1);
  });

  it('says so where it is not whole, and leaves nothing behind', async () => {
    const half = join(work, 'half.run');
    writeFileSync(half, readFileSync(bundle).subarray(0, 20_000_000));
    const TMPDIR = join(work, 'tmp2');
    mkdirSync(TMPDIR);
    const env = { PATH: tools, TILEWISE_CACHE_DIR: TMPDIR, TMPDIR };
    const { code, stderr } = await run(['/bin/sh', half, '--version'], env);
    expect(stderr).toContain('tilewise: cannot unpack');
    expect(code).toBe(1);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});
