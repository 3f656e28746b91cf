import { describe, expect, it } from 'vitest';
import { Operand } from '../../bench/measure/operand.ts';
import { tilewiseContender, type Assignment, type Contender } from '../../bench/peers/contender.ts';
import { contest, type ContestOptions, type Outcome } from '../../bench/peers/contest.ts';
import { PeerFailure, PeerLacks } from '../../bench/peers/process.ts';
import { termsOf } from '../../bench/peers/task.ts';
import { comparedWorkloads, LLAMA_3_1_8B } from '../../bench/suites/index.ts';
import { softmaxChecker } from '../../bench/suites/softmax.ts';
import { elementCount } from '../../src/tensor.ts';
import { softmaxOperation } from '../../src/kernels/checked.ts';
import { openDevice } from '../../src/index.ts';
import { softmaxReference, type SoftmaxProblem } from '../../src/reference/softmax.ts';

const problem: SoftmaxProblem = { log: false, dtype: 'f32', outer: 6, length: 50, inner: 1 };
const operands = softmaxOperation.inputs(problem).map((spec) => new Operand(spec, 1));
const right = softmaxReference(problem, operands[0]!.values());
const assignment: Assignment<SoftmaxProblem> = {
  operation: softmaxOperation,
  problem,
  operands,
  task: { op: 'softmax', dtype: 'f32', rows: 6, columns: 50, axis: 1 },
};
const options: ContestOptions = {
  maxCheckSteps: 1e6,
  seed: 1,
  minSampleNs: 1000,
  timeMs: 0,
  minRounds: 8,
  maxRounds: 20,
};

interface Script {
  /** Milliseconds of one run. */
  readonly runMs?: number;
  readonly result?: ArrayLike<number>;
  /** Called before each request but `dispose`. */
  readonly before?: (request: 'prepare' | 'time' | 'read') => void;
}

/** A contender that plays by a script, and notes in `log` when it is asked for a time and when it gives its memory back. */
function scripted(
  name: string,
  { runMs = 1, result = right, before }: Script,
  log: string[] = [],
): Contender {
  return {
    name,
    async prepare() {
      before?.('prepare');
      return {
        async time(repeats) {
          before?.('time');
          log.push(name);
          return { durationNs: runMs * 1e6 * repeats, runs: repeats };
        },
        async read(positions) {
          before?.('read');
          return positions ? positions.map((position) => result[position]!) : result;
        },
        dispose: async () => void log.push(`${name} disposed`),
      };
    },
  };
}

async function outcomesOf(peers: readonly Contender[], log: string[] = []): Promise<readonly Outcome[]> {
  const own = scripted('tilewise', {}, log);
  const result = await contest(own, peers, softmaxChecker, assignment, options);
  return result.peers.map(({ outcome }) => outcome);
}

describe('contest', { timeout: 30_000 }, () => {
  it('gives the ratio of times, and the time of one run', async () => {
    const [slow, fast] = await outcomesOf([scripted('slow', { runMs: 3 }), scripted('fast', { runMs: 0.5 })]);
    expect(slow).toMatchObject({
      status: 'timed',
      timeNs: { median: 3e6, n: 8 },
      ratio: { median: 3, low: 3, high: 3, n: 8 },
      relativeError: 0,
    });
    expect(fast).toMatchObject({ status: 'timed', ratio: { median: 0.5 } });
  });

  it('lets all play in turns, another one first in each round', async () => {
    const log: string[] = [];
    await outcomesOf([scripted('a', {}, log), scripted('b', {}, log)], log);
    // Before the rounds each has run once to be checked and once to be calibrated.
    const rounds = log.filter((entry) => !entry.endsWith('disposed')).slice(6);
    expect(rounds.slice(0, 9)).toEqual(['tilewise', 'a', 'b', 'a', 'b', 'tilewise', 'b', 'tilewise', 'a']);
    expect(rounds).toHaveLength(3 * options.minRounds);
    expect(log.slice(-3).toSorted()).toEqual(['a disposed', 'b disposed', 'tilewise disposed']);
  });

  it('repeats short runs until a sample is long enough', async () => {
    const own = scripted('tilewise', { runMs: 0.001 });
    const result = await contest(own, [], softmaxChecker, assignment, { ...options, minSampleNs: 1e5 });
    expect(result.own).toMatchObject({ runs: 100, timeNs: { median: 1000 } });
  });

  it('plays on while there is time, and tells that time apart', async () => {
    const own = scripted('tilewise', {});
    const fewest = await contest(own, [], softmaxChecker, assignment, { ...options, maxRounds: 8 });
    expect(fewest).toMatchObject({ own: { timeNs: { n: 8 } }, spareMs: 0 });
    const more = await contest(own, [], softmaxChecker, assignment, { ...options, timeMs: 1e6 });
    expect(more.own?.timeNs.n).toBe(20);
    expect(more.spareMs).toBeGreaterThan(0);
  });

  it('says what a library lacks, gets wrong, and fails at, and goes on with the others', async () => {
    let times = 0;
    const wrong = right.map((value, index) => (index === 0 ? 2 * value : value));
    const coarse = right.map((value, index) => value * (1 + (index % 2 ? 1 : -1) * 2 ** -22));
    const outcomes = await outcomesOf([
      scripted('lacking', {
        before: () => {
          throw new PeerLacks('no f16');
        },
      }),
      scripted('wrong', { result: wrong }),
      scripted('nan', { result: right.map(() => NaN) }),
      scripted('crashing', {
        before: (request) => {
          if (request === 'time' && ++times > 5) throw new PeerFailure('it ended with SIGSEGV');
        },
      }),
      scripted('coarse', { result: coarse, runMs: 2 }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'notOffered', reason: 'no f16' },
      {
        status: 'wrong',
        reason: expect.stringMatching(/^it is off by [\d.]+ %; rounding explains [\d.]+ %/),
      },
      { status: 'wrong', reason: expect.stringContaining('no numbers') },
      { status: 'failed', reason: 'it ended with SIGSEGV' },
      { status: 'timed', ratio: { median: 2 } },
    ]);
  });

  it('gives no time to a library whose result turns wrong while it is timed', async () => {
    let result: ArrayLike<number> = right;
    let times = 0;
    const peer = scripted('tired', { before: () => void (++times === 8 && (result = [])) });
    const [outcome] = await outcomesOf([
      {
        name: 'tired',
        async prepare(given) {
          const ready = await peer.prepare(given);
          return { ...ready, read: async () => right.map((_, index) => result[index] ?? 0) };
        },
      },
    ]);
    expect(outcome).toMatchObject({ status: 'wrong' });
  });

  it('lets nobody play where Tilewise is wrong', async () => {
    const coarse = right.map((value, index) => value * (1 + (index % 2 ? 1 : -1) * 2 ** -10));
    const log: string[] = [];
    const own = scripted('tilewise', { result: coarse }, log);
    const result = await contest(own, [scripted('peer', {}, log)], softmaxChecker, assignment, options);
    expect(result).toMatchObject({ check: { passed: false }, own: undefined, spareMs: 0, peers: [] });
    expect(log).toEqual(['tilewise', 'tilewise disposed']);
  });

  it('passes on what is no failure of a peer, after giving memory back', async () => {
    const log: string[] = [];
    const before = (): void => {
      throw new TypeError('a defect');
    };
    const own = scripted('tilewise', {}, log);
    await expect(
      contest(own, [scripted('peer', { before })], softmaxChecker, assignment, options),
    ).rejects.toThrow('a defect');
    expect(log.at(-1)).toBe('tilewise disposed');
  });

  it('stops when it is told to', async () => {
    const stopped = new AbortController();
    const before = (request: string): void => {
      if (request === 'time') stopped.abort(new Error('interrupted'));
    };
    await expect(
      contest(scripted('tilewise', { before }), [scripted('peer', {})], softmaxChecker, assignment, {
        ...options,
        signal: stopped.signal,
      }),
    ).rejects.toThrow('interrupted');
  });

  it('runs Tilewise through its operations', async () => {
    const device = await openDevice({ backend: 'cpu' });
    const own = tilewiseContender(device);
    const result = await contest(own, [scripted('peer', {})], softmaxChecker, assignment, options);
    expect(result.check.passed).toBe(true);
    expect(result.own?.timeNs.median).toBeGreaterThan(0);
    expect(result.peers[0]?.outcome.status).toBe('timed');
  });
});

describe('comparedWorkloads', { timeout: 30_000 }, () => {
  const workloads = comparedWorkloads(LLAMA_3_1_8B, true, 'default');

  it('has square products and those of the layers at 1, 16 and 512 rows, in f32 and f16', () => {
    const products = workloads
      .filter(({ family }) => family === 'matmul')
      .map((workload) => {
        const [problem] = workload.problems;
        return `${workload.shapeText(problem)} ${workload.operation.dtype(problem)}`;
      });
    expect(products).toHaveLength(2 * (3 + 4 * 3));
    for (const product of ['512 x 512 x 512 f32', '2048 x 2048 x 2048 f16', '1 x 14336 x 4096 f16']) {
      expect(products).toContain(product);
    }
  });

  it('has prompts of 512 to 2048 tokens, causal and not, and caches of 2k to 32k keys, at fewer heads but never shorter', () => {
    for (const dtype of ['f32', 'f16']) {
      const attention = workloads.filter(
        ({ family, operation, problems }) => family === 'attention' && operation.dtype(problems[0]) === dtype,
      );
      expect(
        attention.map((workload) => `${workload.label} ${workload.shapeText(workload.problems[0])}`),
      ).toEqual([
        'prefill, causal 32/8 heads, 512 x 512, 128',
        'prefill, causal 32/8 heads, 1024 x 1024, 128',
        'prefill, causal 32/8 heads, 2048 x 2048, 128',
        'prefill, unmasked 32/8 heads, 512 x 512, 128',
        'prefill, unmasked 32/8 heads, 1024 x 1024, 128',
        'prefill, unmasked 32/8 heads, 2048 x 2048, 128',
        'decode 32/8 heads, 1 x 2048, 128',
        'decode 32/8 heads, 1 x 8192, 128',
        'decode 32/8 heads, 1 x 32768, 128',
      ]);
      const [longest] = attention.slice(-1);
      expect(longest!.problems.map((problem) => longest!.shapeText(problem))).toEqual([
        '32/8 heads, 1 x 32768, 128',
        '16/4 heads, 1 x 32768, 128',
        '8/2 heads, 1 x 32768, 128',
        '4/1 heads, 1 x 32768, 128',
      ]);
    }
  });

  it('tells other libraries the same problem, at every size', () => {
    for (const workload of workloads) {
      for (const problem of workload.problems) {
        const told = workload.task!(problem);
        expect(told.dtype).toBe(workload.operation.dtype(problem));
        const elements = workload.operation.inputs(problem).map(({ shape }) => elementCount(shape));
        expect(elementsOf(told), workload.shapeText(problem)).toEqual(elements);
        const onlyChooses = ['max', 'argmax', 'sort', 'topK'].includes(told.op);
        expect(termsOf(told) > 1).toBe(!onlyChooses);
      }
    }
  });

  function elementsOf(task: ReturnType<NonNullable<(typeof workloads)[number]['task']>>): number[] {
    if (task.op === 'matmul') return [task.m * task.k, task.n * task.k];
    if (task.op === 'rmsNorm') return [task.rows * task.columns, task.columns];
    if (task.op === 'layerNorm') return [task.rows * task.columns, task.columns, task.columns];
    if (task.op !== 'attention') return [task.rows * task.columns];
    const { heads, kvHeads, seqLenQ, seqLenKv, headDim } = task;
    return [heads * seqLenQ * headDim, kvHeads * seqLenKv * headDim, kvHeads * seqLenKv * headDim];
  }
});
