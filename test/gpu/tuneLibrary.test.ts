// `tilewise/tune` from a program, on devices that are taken away while it runs.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderStore } from '../../bench/tune/folderStore.ts';
import { tune, type TuneOptions, type TuneProgress } from '../../bench/tune/node.ts';
import { DeviceLostError, openDevice, tuningPath, type GpuDevice } from '../../src/node.ts';
import { candidateKey } from '../../src/tuning/candidates.ts';
import { gpuKey, type Candidate, type Outcome } from '../../src/tuning/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-tune-library-'));
vi.stubEnv('XDG_CACHE_HOME', folder);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The devices that the tuner opened, the latest last. */
let devices: GpuDevice[];
/** Runs until the device is taken away. */
let runsLeft: number;
beforeEach(() => {
  rmSync(join(folder, 'tilewise'), { recursive: true, force: true });
  devices = [];
  runsLeft = Infinity;
});

/** A device that goes when it is told to, as a driver has it go: the library learns of it from WebGPU. */
const open = async (): Promise<GpuDevice> => {
  const device = await openDevice({ tuning: false });
  const time = device.time.bind(device);
  device.time = (graph, repeats) => {
    if (runsLeft-- === 0) device.gpuDevice.destroy();
    return time(graph, repeats);
  };
  devices.push(device);
  return device;
};

/** One class of few candidates: the search ends long before its time is up. */
const options: TuneOptions = { ops: ['layerNorm'], shapes: [[64, 512]], budgetMs: 12_000 };

async function run(onProgress: (progress: TuneProgress) => void, change: TuneOptions = {}) {
  const told: TuneProgress[] = [];
  const result = await tune(open, {
    ...options,
    ...change,
    onProgress(progress) {
      told.push(progress);
      onProgress(progress);
    },
  });
  const tried = told.flatMap((each) => (each.kind === 'trying' ? [each.candidate] : []));
  return { ...result, tried, record: result.records[0]! };
}

const crashed = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ result }) => result === 'crashed');

describe('a device that is lost', () => {
  it('while a candidate runs costs that candidate, and nothing else', async () => {
    const { record, tried } = await run((progress) => {
      if (progress.kind === 'trying' && progress.number === 3) runsLeft = 1;
    });
    expect(devices).toHaveLength(2);
    expect(crashed(record.outcomes)).toMatchObject([tried[2]!]);
    // Those before it kept what was found out about them, and were not tried again.
    expect(record.outcomes).toHaveLength(tried.length);
    expect(record.outcomes.slice(0, 2)).toMatchObject(tried.slice(0, 2));
    expect(record.ranking.at(-1)).toEqual(record.untuned);
  });

  it('while the best are compared leaves the others their samples', async () => {
    let compared: readonly Candidate[] = [];
    const { record } = await run((progress) => {
      if (progress.kind !== 'comparing') return;
      compared = progress.candidates;
      // To open one takes three runs or more: this is where each has had some samples.
      runsLeft = 12 * compared.length;
    });
    expect(devices).toHaveLength(2);
    const lost = crashed(record.outcomes);
    expect(lost).toHaveLength(1);
    for (const { kernel, config } of compared) {
      const outcome = record.outcomes.find(
        (other) => candidateKey(other) === candidateKey({ kernel, config }),
      )!;
      if (outcome !== lost[0]) expect(outcome).toMatchObject({ result: 'timed' });
    }
    expect(record.ranking.length).toBeGreaterThan(0);
  });

  it('again and again ends the run; the next one goes on from there', async () => {
    const first = run((progress) => {
      if (progress.kind === 'trying' && progress.number > 2) runsLeft = 0;
    });
    await expect(first).rejects.toThrow(DeviceLostError);
    expect(devices).toHaveLength(3);
    const gpu = gpuKey(devices[0]!.capabilities.adapter);
    expect((await folderStore.readEntries(gpu)).length).toBeGreaterThan(4);

    const { record, tried } = await run(() => undefined);
    // Two crashed with their devices; the one that was in hand at the end did nothing wrong that is known.
    expect(crashed(record.outcomes)).toHaveLength(2);
    expect(record.outcomes.length).toBe(tried.length + 4);
    expect(existsSync(tuningPath(gpu).replace('.json', '.unfinished.ndjson'))).toBe(false);
  });
});

describe('options', () => {
  it.each<[TuneOptions, string]>([
    [{ ops: ['layerNrom'] }, 'ops: there is no "layerNrom"; there are matmul,'],
    [{ shapes: [[1, 2, 3, 4, 5]] }, 'shapes: no operation takes these sizes'],
    [{ budgetMs: -1 }, 'budgetMs: -1 is no time'],
    [{ op: ['sum'] } as TuneOptions, 'tune has no option "op"; it has ops, shapes,'],
    [{ ops: 'sum' as never }, 'tune: ops must be an array, got "sum"'],
  ])('%j are refused', async (change, message) => {
    await expect(tune(open, { ...options, ...change })).rejects.toThrow(message);
  });

  it('are refused where a device is given for what opens one', async () => {
    await expect(tune((await open()) as never, options)).rejects.toThrow(
      'open must be a function that opens a GPU, as openDevice, got GpuDevice',
    );
  });

  it('that leave no time give no record, and say so', async () => {
    const { records, leftOut } = await run(() => undefined, { budgetMs: 1 });
    expect(records).toEqual([]);
    expect(leftOut.map(({ why }) => why)).toContain('time');
  });

  it('need a GPU', async () => {
    await expect(tune(() => openDevice({ backend: 'cpu' }), options)).rejects.toThrow('open a GPU');
  });
});
