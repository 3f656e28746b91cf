import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  explain,
  openDevice,
  softmax,
  tuningPath,
  type GpuDevice,
  type OpenDeviceOptions,
  type TuningFile,
  type TuningRecord,
} from '../../src/node.ts';
import { parseTuningFile } from '../../src/tuning/parseFile.ts';
import { gpuKey } from '../../src/tuning/records.ts';
import { runCli, type CommandResult } from '../support/builtCli.ts';
import { testDevice } from './support/device.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-tune-'));
const env = { XDG_CACHE_HOME: folder };
const json = join(folder, 'records.json');
const before = process.env['XDG_CACHE_HOME'];

let interrupted: CommandResult;
let journalWasThere: boolean;
let resumed: CommandResult;
let file: TuningFile;
let ownPath: string;

/** The same run twice: stopped when the first class is done, and to its end. */
beforeAll(async () => {
  const { capabilities } = await testDevice();
  process.env['XDG_CACHE_HOME'] = folder;
  ownPath = tuningPath(gpuKey(capabilities.adapter));
  const args = ['tune', 'softmax', '--shapes', '64x512', '--budget', '10s', '--json', json];
  interrupted = await runCli(args, { env, interruptAt: 'softmax f32 rows' });
  journalWasThere = existsSync(ownPath.replace('.json', '.unfinished.ndjson'));
  resumed = await runCli(args.with(5, '5s'), { env });
  file = parseTuningFile(JSON.parse(readFileSync(ownPath, 'utf8')), ownPath);
}, 120_000);

afterAll(() => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  rmSync(folder, { recursive: true });
});

describe('tilewise tune', () => {
  it('goes on after Ctrl-C where it was, and forgets that when it is through', () => {
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toContain('the same command goes on from there');
    expect(journalWasThere).toBe(true);
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stderr).toMatch(/left out: softmax f32 .* it was done before the interruption/);
    expect(existsSync(ownPath.replace('.json', '.unfinished.ndjson'))).toBe(false);
  });

  it('keeps a record of each class with every outcome, and writes those of the run as JSON', async () => {
    const { capabilities } = await testDevice();
    expect(file.records.map(({ op, dtype }) => `${op} ${dtype}`)).toEqual(
      capabilities.f16 ? ['softmax f32', 'softmax f16'] : ['softmax f32'],
    );
    for (const { gpu, software, outcomes, candidateCount, ranking, untuned } of file.records) {
      expect(gpu).toBe(file.gpu);
      expect(software).toBe(capabilities.software);
      expect(outcomes.length).toBeGreaterThan(1);
      expect(outcomes.length).toBeLessThanOrEqual(candidateCount);
      // Every kernel's result was right.
      expect(outcomes.filter(({ result }) => result === 'wrong' || result === 'crashed')).toEqual([]);
      expect(ranking.at(-1)).toEqual(untuned);
      expect(outcomes.map(({ kernel }) => kernel)).toContain('softmax/naive');
    }
    const written = parseTuningFile(JSON.parse(readFileSync(json, 'utf8')), json);
    expect(written.records).toEqual(file.records.slice(1));
    if (capabilities.software) expect(resumed.stdout).toContain('never ship with the library');
  });

  it.each([
    [['tune', 'softmaks'], 'Did you mean softmax'],
    [['tune', 'overhead'], 'Did you mean'],
    [['tune', 'softmax', '--budget', '5'], 'a time with its unit'],
    [['tune', 'softmax', '--shapes', '64x-1'], 'sizes above 0'],
    [['tune', 'softmax', '--shapes', '1x2x3'], 'softmax: ROWS x COLUMNS'],
    [['tune', 'softmax', '--budget', '0.001s'], 'too little for one candidate'],
  ])('says what is wrong with %j', async (args, message) => {
    const { exitCode, stderr } = await runCli(args, { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('records', () => {
  afterEach(() => rmSync(ownPath, { force: true }));

  const open = (options: OpenDeviceOptions): Promise<GpuDevice> =>
    openDevice({ ...options, backend: 'webgpu' });

  /** The record of f32 with another ranking: kernels that nobody would choose for it otherwise. */
  const changed = (change: Partial<TuningRecord> = {}): TuningFile => ({
    ...file,
    records: [{ ...file.records[0]!, ranking: [{ kernel: 'softmax/naive', config: {} }], ...change }],
  });

  async function chosen(options: OpenDeviceOptions) {
    const device = await open(options);
    try {
      const x = device.tensor(new Float32Array(64 * 512).fill(1), [64, 512]);
      const values = await softmax(x).read();
      expect(values.every((value) => Math.abs(value - 1 / 512) < 1e-6)).toBe(true);
      return explain(softmax, x);
    } finally {
      device.destroy();
    }
  }

  it('change the choice, and explain() names them', async () => {
    const { kernel, reason, tuning } = await chosen({ tuning: changed() });
    expect(kernel).toBe('softmax/naive');
    expect(tuning?.state).toBe('used');
    expect(reason).toContain('the record of 64 x 512');
    expect(reason).toContain('given to openDevice()');
  });

  it("are taken from the user's cache, and left there on demand", async () => {
    writeFileSync(ownPath, JSON.stringify(changed()));
    const own = await chosen({});
    expect(own.kernel).toBe('softmax/naive');
    expect(own.reason).toContain(ownPath);
    const off = await chosen({ tuning: false });
    expect(off.kernel).not.toBe('softmax/naive');
    expect(off.tuning?.state).toBe('none');
  });

  it('come before those of the cache where they are pointed to', async () => {
    writeFileSync(ownPath, JSON.stringify(changed()));
    const path = join(folder, 'elsewhere.json');
    const ranking = [{ kernel: 'softmax/online', config: { lanes: 1, subgroups: false } }];
    writeFileSync(path, JSON.stringify(changed({ ranking })));
    expect(await chosen({ tuning: path })).toMatchObject({ kernel: 'softmax/online', config: { lanes: 1 } });
  });

  it('are passed over once a kernel has changed, and that is told', async () => {
    const { kernel, tuning } = await chosen({ tuning: changed({ checksum: '00000000' }) });
    expect(kernel).not.toBe('softmax/naive');
    expect(tuning?.state).toBe('stale');
    expect(tuning?.text).toContain('`npx tilewise tune softmax` makes a new one');
  });

  it('of another GPU are not used', async () => {
    const { kernel, tuning } = await chosen({ tuning: changed({ gpu: 'nvidia/nvidia h200' }) });
    expect(kernel).not.toBe('softmax/naive');
    expect(tuning?.state).toBe('none');
  });

  it('that cannot be read are an error where they were asked for, and a warning where they were not', async () => {
    await expect(open({ tuning: join(folder, 'nowhere.json') })).rejects.toThrow(
      /nowhere.json" cannot be read/,
    );
    const path = join(folder, 'other.json');
    writeFileSync(path, JSON.stringify({ ...file, schema: 99 }));
    await expect(open({ tuning: path })).rejects.toThrow(/another version \(schema 99; this one reads 1\)/);
    writeFileSync(path, '[]');
    await expect(open({ tuning: path })).rejects.toThrow(/no file of tuning records/);
    mkdirSync(dirname(ownPath), { recursive: true });
    writeFileSync(ownPath, '{ half a fi');
    const warnings: string[] = [];
    const device = await open({ onWarning: (message) => warnings.push(message) });
    device.destroy();
    expect(warnings.join()).toContain('tuned records are passed over');
  });
});
