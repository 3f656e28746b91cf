import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/measure/random.ts';
import { estimateMedian } from '../../bench/measure/statistics.ts';
import type { Config } from '../../src/kernels/define.ts';
import { compactOperation } from '../../src/kernels/checked.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { candidateKey, candidateSpaces, type KernelSpace } from '../../src/tuning/candidates.ts';
import type { Candidate, Outcome } from '../../src/tuning/records.ts';
import nvidiaH100 from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };
import { search, Unmeasurable, type Measurer, type SearchOptions } from '../../src/tuning/search.ts';

const VALUES = [1, 2, 4, 8, 16, 32];

const space = (kernel: string, names: readonly string[], start: Config): KernelSpace => {
  const all = names.reduce<Config[]>(
    (configs, name) => configs.flatMap((config) => VALUES.map((value) => ({ ...config, [name]: value }))),
    [{}],
  );
  const key = (config: Config): string => candidateKey({ kernel, config });
  return {
    kernel,
    space: Object.fromEntries(names.map((name) => [name, VALUES])),
    configs: [start, ...all.filter((config) => key(config) !== key(start))],
  };
};

/** Takes its times from a function, with noise, and counts what it is asked. */
class FakeMeasurer implements Measurer {
  readonly opened: string[] = [];
  samples = 0;
  readonly #timeNs: (candidate: Candidate) => number;
  readonly #random = new Random(5);
  readonly #noise: number;

  constructor(timeNs: (candidate: Candidate) => number, noise = 0.01) {
    this.#timeNs = timeNs;
    this.#noise = noise;
  }

  async open(candidate: Candidate) {
    this.opened.push(candidateKey(candidate));
    const timeNs = this.#timeNs(candidate);
    const taken: number[] = [];
    return {
      sample: async () => {
        this.samples++;
        taken.push(timeNs * (1 + this.#noise * this.#random.fraction()));
        return estimateMedian(taken);
      },
      [Symbol.dispose]: () => undefined,
    };
  }
}

const A = space('op/a', ['x', 'y', 'z'], { x: 1, y: 1, z: 1 });
const B = space('op/b', ['x'], { x: 1 });
const untuned = { kernel: 'op/a', config: A.configs[0]! };

/** A valley with its floor at x 8, y 4, z 16 of kernel a; b is much slower. */
const valley = ({ kernel, config }: Candidate): number => {
  const distance = (name: string, best: number): number =>
    Math.abs(Math.log2(Number(config[name]) / best)) || 0;
  if (kernel === 'op/b') return 100_000;
  return 1000 * (1 + distance('x', 8) + distance('y', 4) + distance('z', 16));
};

function options(change: Partial<SearchOptions> = {}): SearchOptions {
  const random = new Random(1);
  return { untuned, random: () => random.fraction(), timeLeft: () => 1, ...change };
}

const bestOf = (outcomes: readonly Outcome[]): string[] =>
  outcomes.map((outcome) => `${outcome.kernel} ${outcome.result}`);

describe('search', () => {
  it('finds the best config without trying them all, and puts it before what would run untuned', async () => {
    const measurer = new FakeMeasurer(valley);
    const { ranking, outcomes } = await search([A, B], measurer, options());
    expect(ranking[0]).toEqual({ kernel: 'op/a', config: { x: 8, y: 4, z: 16 } });
    expect(ranking.at(-1)).toEqual(untuned);
    expect(outcomes.length).toBeLessThan(0.5 * (A.configs.length + B.configs.length));
    // The heuristic of a kernel that is far slower is all that is tried of it.
    expect(outcomes.filter(({ kernel }) => kernel === 'op/b')).toHaveLength(1);
  });

  it('gives a slow candidate up after its first samples', async () => {
    const { outcomes } = await search([A, B], new FakeMeasurer(valley), options());
    const slow = outcomes.find(({ kernel }) => kernel === 'op/b');
    expect(slow).toMatchObject({ result: 'slow', timeNs: { n: 1 } });
  });

  it('repeats the best few in turns, more often than it samples while it searches', async () => {
    const finals: (readonly Candidate[])[] = [];
    const { ranking, outcomes } = await search(
      [A, B],
      new FakeMeasurer(valley),
      options({ onFinal: (candidates) => finals.push(candidates) }),
    );
    expect(finals).toHaveLength(1);
    expect(finals[0]!.map(candidateKey)).toContain(candidateKey(untuned));
    const best = outcomes.find((outcome) => candidateKey(outcome) === candidateKey(ranking[0]!));
    expect(best).toMatchObject({ result: 'timed', timeNs: { n: 15 } });
  });

  it('leaves things as they are where nothing is faster beyond noise', async () => {
    const { ranking } = await search([A, B], new FakeMeasurer(() => 1000, 0.5), options());
    expect(ranking).toEqual([untuned]);
  });

  it('records what is wrong, fails or crashes, and never ranks it', async () => {
    const faults = new Map([
      [JSON.stringify({ x: 8, y: 4, z: 16 }), 'wrong'],
      [JSON.stringify({ x: 8, y: 4, z: 8 }), 'failed'],
      [JSON.stringify({ x: 8, y: 4, z: 32 }), 'crashed'],
    ] as const);
    const measurer = new FakeMeasurer((candidate) => {
      const fault = faults.get(JSON.stringify(candidate.config));
      if (fault) throw new Unmeasurable(fault, `it is ${fault}`);
      return valley(candidate);
    });
    const { ranking, outcomes } = await search([A, B], measurer, options());
    const withReason = outcomes.filter((outcome) => 'reason' in outcome);
    expect(withReason.map(({ result }) => result)).toContain('wrong');
    const faulty = new Set(withReason.map(candidateKey));
    expect(ranking.length).toBeGreaterThan(1);
    for (const candidate of ranking) expect(faulty.has(candidateKey(candidate))).toBe(false);
  });

  it('ranks others where the choice without tuning is itself wrong', async () => {
    const measurer = new FakeMeasurer((candidate) => {
      if (candidateKey(candidate) === candidateKey(untuned)) throw new Unmeasurable('wrong', 'it is');
      return valley(candidate);
    });
    const { ranking } = await search([A, B], measurer, options());
    expect(ranking[0]).toEqual({ kernel: 'op/a', config: { x: 8, y: 4, z: 16 } });
    expect(ranking.map(candidateKey)).not.toContain(candidateKey(untuned));
  });

  it('does not try again what an interrupted run knows, a crash in particular', async () => {
    const first = await search([A, B], new FakeMeasurer(valley), options());
    const crashed = {
      kernel: 'op/b',
      config: B.configs[0]!,
      result: 'crashed',
      reason: 'the process ended',
    } as const;
    const known = [...first.outcomes.filter(({ kernel }) => kernel === 'op/a'), crashed];
    const measurer = new FakeMeasurer(valley);
    const { outcomes, ranking } = await search([A, B], measurer, options({ known }));
    expect(ranking[0]).toEqual(first.ranking[0]);
    expect(outcomes).toContainEqual(crashed);
    expect(measurer.opened).not.toContain(candidateKey(crashed));
    expect(measurer.opened.length).toBeLessThan(first.outcomes.length / 2);
  });

  it('keeps a part of the time for the comparison, and ends when it is up', async () => {
    const measurer = new FakeMeasurer(valley);
    const { ranking, outcomes } = await search(
      [A, B],
      measurer,
      options({ timeLeft: () => 1 - measurer.samples / 100 }),
    );
    expect(measurer.samples).toBeLessThan(150);
    expect(outcomes.length).toBeLessThan(40);
    expect(valley(ranking[0]!)).toBeLessThan(valley(untuned));
  });

  it('tries nothing without time', async () => {
    const measurer = new FakeMeasurer(valley);
    expect(await search([A, B], measurer, options({ timeLeft: () => 0 }))).toEqual({
      outcomes: [],
      ranking: [],
    });
    expect(measurer.opened).toEqual([]);
  });

  it('does the same for the same seed, and passes on what the measurer did not foresee', async () => {
    const run = async (): Promise<string[]> =>
      bestOf((await search([A, B], new FakeMeasurer(valley), options())).outcomes);
    expect(await run()).toEqual(await run());
    const broken = new FakeMeasurer(() => {
      throw new RangeError('a defect');
    });
    await expect(search([A, B], broken, options())).rejects.toThrow('a defect');
  });
});

describe('candidateSpaces', () => {
  const kernels = (length: number, untuned = 'compact/tiles'): readonly string[] =>
    candidateSpaces(
      compactOperation,
      { dtype: 'f32', mask: 'i32', length },
      nvidiaH100 as unknown as Capabilities,
      untuned,
    ).map(({ kernel }) => kernel);

  it('has the last kernel of a list for small problems, and where it is what would run', () => {
    const all = compactOperation.kernels.map(({ name }) => name);
    expect(kernels(1000)).toEqual(all);
    expect(kernels(2 ** 22)).toEqual(all.slice(0, -1));
    expect(kernels(2 ** 22, 'compact/naive')).toEqual(all);
  });
});
