// The tuner in a real browser, with IndexedDB: records are made there, and openDevice() chooses by them.
import { deleteDB } from 'idb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tune, type TuneProgress, type TuneResult } from '../../../bench/tune/index.ts';
import { openIndexedDbStore } from '../../../bench/tune/indexedDbStore.ts';
import { keepRecord } from '../../../bench/tune/store.ts';
import { explain, openDevice, softmax, type TuningRecord } from '../../../src/index.ts';
import { planKernels } from '../../../src/kernelPlans.ts';
import { openTuningDatabase } from '../../../src/tuning/indexedDb.ts';
import { gpuKey } from '../../../src/tuning/records.ts';

const NAME = 'tilewise-tuning';
const SIZES = [64, 512];

const databases = async (): Promise<(string | undefined)[]> =>
  (await indexedDB.databases()).map(({ name }) => name);

/** Which kernel a device that is opened now runs, whether its result is right, and what the records say. */
async function chosen() {
  const device = await openDevice();
  try {
    const x = device.tensor(new Float32Array(64 * 512).fill(1), SIZES);
    const values = await softmax(x).read();
    expect(values.every((value) => Math.abs(value - 1 / 512) < 1e-6)).toBe(true);
    return explain(softmax, x);
  } finally {
    device.destroy();
  }
}

/** A run that is stopped when a third candidate is about to be tried. */
async function interruptedRun(): Promise<readonly TuneProgress[]> {
  const stop = new AbortController();
  const told: TuneProgress[] = [];
  const run = tune(openDevice, {
    ops: ['softmax'],
    shapes: [SIZES],
    // It is stopped long before, however slowly a machine compiles.
    budgetMs: 100_000,
    signal: stop.signal,
    onProgress(progress) {
      told.push(progress);
      if (progress.kind === 'trying' && progress.number === 3) stop.abort(new Error('enough'));
    },
  });
  await expect(run).rejects.toThrow('enough');
  return told;
}

let untouched: readonly (string | undefined)[];
let interrupted: readonly TuneProgress[];
let entriesLeft: number;
const resumed: TuneProgress[] = [];
let result: TuneResult;

beforeAll(async () => {
  await deleteDB(NAME);
  await chosen();
  untouched = await databases();
  interrupted = await interruptedRun();
  const database = await openTuningDatabase();
  entriesLeft = await database.count('unfinished');
  database.close();
  result = await tune(openDevice, {
    ops: ['softmax'],
    shapes: [SIZES],
    budgetMs: 10_000,
    onProgress: (progress) => resumed.push(progress),
  });
}, 180_000);
afterAll(() => deleteDB(NAME));

const tried = (told: readonly TuneProgress[]): string[] =>
  told.flatMap((each) => (each.kind === 'trying' ? [JSON.stringify(each.candidate)] : []));

describe('tune()', () => {
  it('leaves no database where nothing was ever tuned', () => {
    expect(untouched).not.toContain(NAME);
  });

  it('goes on after an interruption with what was not tried before, and forgets that when it is through', async () => {
    const before = tried(interrupted);
    expect(before).toHaveLength(3);
    expect(entriesLeft).toBeGreaterThan(0);
    // The third was left, and did nothing wrong: it is tried again, unlike the first two.
    expect(tried(resumed)[0]).toBe(before[2]);
    expect(tried(resumed)).not.toContain(before[0]);
    const [record] = result.records;
    expect(record!.outcomes.map(({ kernel, config }) => JSON.stringify({ kernel, config }))).toEqual(
      expect.arrayContaining(before),
    );
    expect(record!.outcomes.filter(({ result }) => result === 'crashed' || result === 'wrong')).toEqual([]);
    const database = await openTuningDatabase();
    await expect(database.count('unfinished')).resolves.toBe(0);
    database.close();
  });

  it('keeps the record for devices that are opened afterwards', async () => {
    const [record] = result.records;
    expect(record).toMatchObject({ op: 'softmax', dtype: 'f32', problem: '64 x 512', boundsChecked: true });
    expect(result.source).toContain('IndexedDB');
    const { kernel, config, tuning } = await chosen();
    expect(tuning?.state).toBe('used');
    expect(tuning?.text).toContain(`IndexedDB ${NAME}`);
    expect({ kernel, config }).toEqual(record!.ranking[0]);
  });
});

describe('records in IndexedDB', () => {
  const keep = async (change: Partial<TuningRecord>): Promise<void> => {
    using store = await openIndexedDbStore();
    await keepRecord(store, { ...result.records[0]!, ...change });
  };
  const ranking = [{ kernel: 'softmax/naive', config: {} }];

  it('change the choice', async () => {
    await keep({ ranking });
    expect((await chosen()).kernel).toBe('softmax/naive');
    const device = await openDevice();
    const labelOn = async (target: Parameters<typeof planKernels>[0]): Promise<string> =>
      (await planKernels(target, (planning) => softmax(planning.input(SIZES)))).passes[0]!.label;
    expect(await labelOn(device)).toBe('softmax/naive');
    expect(await labelOn(device.capabilities)).not.toBe('softmax/naive');
    device.destroy();
  });

  it('are passed over once a kernel has changed', async () => {
    await keep({ ranking, checksum: '00000000' });
    const { kernel, tuning } = await chosen();
    expect(kernel).not.toBe('softmax/naive');
    expect(tuning?.state).toBe('stale');
  });

  it('are kept one a class', async () => {
    await keep({ ranking });
    await keep({ op: 'another' });
    const database = await openTuningDatabase();
    const device = await openDevice();
    const file = await database.get('records', gpuKey(device.capabilities.adapter));
    device.destroy();
    database.close();
    expect(file?.records.map(({ op }) => op)).toEqual(['softmax', 'another']);
  });

  it('that make no sense are passed over with a warning', async () => {
    const database = await openTuningDatabase();
    const device = await openDevice();
    const gpu = gpuKey(device.capabilities.adapter);
    await database.put('records', { schema: 99, gpu, records: [] } as never, gpu);
    device.destroy();
    database.close();
    const warnings: string[] = [];
    (await openDevice({ onWarning: (message) => warnings.push(message) })).destroy();
    expect(warnings.join()).toMatch(/tuned records are passed over: .*another version/);
  });
});
