import { f16round } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import { Random } from '../../bench/measure/random.ts';
import { attentionOperation } from '../../src/kernels/attention/index.ts';
import { rowErrorBound } from '../../src/kernels/attention/oracle.ts';
import {
  keyRange,
  optionalInputs,
  type AttentionMask,
  type AttentionProblem,
  type OptionalInput,
  type QueryRow,
} from '../../src/reference/attention.ts';
import {
  attend,
  attentionScore,
  keyRows,
  namedOperands,
  queryRows,
  type AttentionOperands,
} from '../../src/reference/attentionReference.ts';
import { elementCount } from '../../src/tensor.ts';
import { pairwiseCover, type Factors } from '../support/pairwise.ts';
import { testDevice } from './support/device.ts';
import { runGuarded } from './support/guarded.ts';

/**
 * The grid on which FlashAttention is tested, and every feature, on every kernel: so that every two values of what is listed
 * below are together in at least one row, which is run whole and compared with the reference in f64, at sampled rows where
 * it is large. TILEWISE_ATTENTION_GRID=all also takes what is slow on a processor (naive kernels on long sequences, large
 * matrices), and every headDim with every two lengths and every number of heads.
 */
interface Row {
  readonly kernel: string;
  readonly dtype: 'f32' | 'f16';
  readonly headDim: number;
  readonly lengths: readonly [seqLenQ: number, seqLenKv: number];
  readonly heads: readonly [heads: number, kvHeads: number];
  readonly storage: keyof typeof STORAGE;
  readonly reach: keyof typeof REACH;
  readonly mask: 'none' | 'f32' | 'f16' | 'boolean' | 'short';
  readonly softcap: boolean;
  readonly alibi: 'none' | 'heads' | 'batch';
  readonly sinks: boolean;
  readonly logSumExp: boolean;
}

const everything = process.env.TILEWISE_ATTENTION_GRID === 'all';

const STORAGE = {
  bhsd: {},
  bshd: { layout: 'bshd' },
  lengths: { lengths: true },
  packed: { layout: 'packed' },
  linear: { lengths: true, cache: { kind: 'linear' } },
  ring: { lengths: true, cache: { kind: 'ring' } },
  paged: { lengths: true },
  'linear, 8 bits': { lengths: true, cache: { kind: 'linear' }, quantised: true },
  'paged, 8 bits': { lengths: true, quantised: true },
} as const satisfies Record<string, Partial<AttentionProblem>>;

const REACH = {
  all: {},
  'causal upper-left': { right: 0, alignment: 0 },
  'causal lower-right': { right: 0, alignment: 'lower-right' },
  window: { left: 40, right: 9, alignment: 'lower-right' },
} as const satisfies Record<string, Partial<AttentionProblem>>;

const FACTORS: Factors<Row> = {
  // Slices are of other kernels, where tensors are too large (slicedAttention.test.ts).
  kernel: attentionOperation.kernels.map(({ name }) => name).filter((name) => name !== 'attention/slices'),
  dtype: ['f32', 'f16'],
  headDim: [32, 40, 64, 80, 96, 128, 160, 192, 256],
  lengths: [
    [1, 1],
    [2, 2],
    [63, 63],
    [64, 64],
    [65, 65],
    [97, 97],
    [128, 128],
    [113, 203],
    [1023, 1024],
    [2048, 2048],
  ],
  heads: [
    [1, 1],
    [4, 1],
    [8, 2],
    [6, 6],
  ],
  storage: Object.keys(STORAGE) as Row['storage'][],
  reach: Object.keys(REACH) as Row['reach'][],
  mask: ['none', 'f32', 'f16', 'boolean', 'short'],
  softcap: [false, true],
  alibi: ['none', 'heads', 'batch'],
  sinks: [false, true],
  logSumExp: [false, true],
};

/** What a row of the grid may take on a processor, about. */
const SECONDS = everything ? 30 : 1;

/** Multiply-adds that a kernel makes there in a second. */
const AFFORDABLE: Readonly<Record<string, number>> = {
  'attention/flash': 1.2e9,
  'attention/decode': 3e8,
  'attention/naive': 1e8,
  'attention/flashMatrix': 2e7,
};

/** Heads for which a processor's compiler takes more than seconds over matrices. */
const LARGEST_MATRIX_HEAD = 32;

/** Blocks of keys in a paged cache. */
const BLOCK_SIZE = 16;

function possible(whole: Row): boolean {
  const {
    kernel,
    dtype,
    headDim,
    lengths,
    heads: [heads],
    storage,
    mask,
    ...row
  } = whole;
  const [seqLenQ, seqLenKv] = lengths;
  const cached = STORAGE[storage] as Partial<AttentionProblem>;
  if (cached.quantised && headDim % 32 !== 0) return false;
  if (mask !== 'none' && (storage === 'packed' || storage === 'ring')) return false;
  if (mask === 'short' && seqLenKv < 3) return false;
  // Caches give no second result.
  if (row.logSumExp && (cached.cache || storage.startsWith('paged'))) return false;
  if (kernel === 'attention/flashMatrix') {
    if (dtype !== 'f16' || cached.quantised) return false;
    if (!everything && headDim > LARGEST_MATRIX_HEAD) return false;
  }
  const work = batchOf(lengths) * heads * seqLenQ * seqLenKv * 2 * headDim;
  if (work > SECONDS * AFFORDABLE[kernel]!) return false;
  // Of the whole grid no row may be wasted on what the adapter cannot run.
  return !everything || kernelOf(kernel).supports(problemOf(whole), device.capabilities) === true;
}

const device = await testDevice();

const kernelOf = (wanted: string): (typeof attentionOperation.kernels)[number] =>
  attentionOperation.kernels.find(({ name }) => name === wanted)!;

/** Two sequences, which have lengths of their own; one where they are long. */
const batchOf = ([seqLenQ]: Row['lengths']): number => (seqLenQ > 200 ? 1 : 2);

function problemOf(row: Row): AttentionProblem {
  const [seqLenQ, longest] = row.lengths;
  const [heads, kvHeads] = row.heads;
  const batch = batchOf(row.lengths);
  const paged = row.storage.startsWith('paged');
  const blocks = Math.ceil(longest / BLOCK_SIZE);
  const seqLenKv = paged ? blocks * BLOCK_SIZE : longest;
  const shape = [batch, 1, seqLenQ, row.mask === 'short' ? Math.ceil((2 * seqLenKv) / 3) : seqLenKv];
  const mask: AttentionMask | undefined =
    row.mask === 'none'
      ? undefined
      : {
          kind: row.mask === 'boolean' ? 'boolean' : 'additive',
          dtype: row.mask === 'boolean' ? 'u32' : row.mask === 'f16' ? 'f16' : 'f32',
          shape: shape as unknown as AttentionMask['shape'],
        };
  return {
    batch,
    heads,
    kvHeads,
    seqLenQ,
    seqLenKv,
    headDim: row.headDim,
    headDimV: row.headDim,
    dtype: row.dtype,
    scale: 1 / Math.sqrt(row.headDim),
    ...STORAGE[row.storage],
    ...(paged && { cache: { kind: 'paged', blocks: batch * blocks + 1, blockSize: BLOCK_SIZE } }),
    ...(row.storage === 'packed' && {
      tokens: { q: offsets(seqLenQ, batch).at(-1)!, kv: offsets(seqLenKv, batch).at(-1)! },
    }),
    ...REACH[row.reach],
    ...(mask && { mask }),
    ...(row.softcap && { softcap: 3 }),
    ...(row.alibi !== 'none' && {
      alibi: row.alibi,
      ...(row.reach === 'all' && { alignment: 'lower-right' }),
    }),
    ...(row.sinks && { sinks: true }),
    ...(row.logSumExp && { logSumExp: true }),
  };
}

/** The first sequence is the longest, the second about half of it. */
const offsets = (longest: number, batch: number): number[] =>
  [0, longest, longest + Math.ceil(longest / 2)].slice(0, batch + 1);

/** Inputs that are no random numbers. */
function given(name: OptionalInput, problem: AttentionProblem): number[] | Float64Array | undefined {
  const { batch, seqLenQ, seqLenKv, cache, mask } = problem;
  switch (name) {
    case 'lengths':
      // A ring has gone round once and a bit; none but the longest is as long as there is room.
      return [seqLenKv + (cache?.kind === 'ring' ? 5 : 0), Math.ceil(seqLenKv / 3)].slice(0, batch);
    case 'offsetsQ':
      return offsets(seqLenQ, batch);
    case 'offsetsKv':
      return offsets(seqLenKv, batch);
    case 'blockTable':
      // From the last block but one backwards; one block belongs to nobody.
      return Array.from({ length: (batch * seqLenKv) / BLOCK_SIZE }, (_, i) => {
        const { blocks } = cache as { readonly blocks: number };
        return blocks - 2 - i;
      });
    case 'mask': {
      // Every fifth entry hides its key, and of three queries or more the second one's all do.
      const keys = mask!.shape[3];
      const hiding = mask!.kind === 'boolean' ? 0 : -Infinity;
      return Float64Array.from({ length: elementCount(mask!.shape) }, (_, i) =>
        i % 5 === 0 || (seqLenQ > 2 && Math.floor(i / keys) % seqLenQ === 1) ? hiding : (i % 64) / 32,
      ).map((entry) => (mask!.kind === 'boolean' ? Math.ceil(entry) : entry));
    }
    default:
      return undefined;
  }
}

function inputsOf(problem: AttentionProblem): Float64Array[] {
  const names = optionalInputs(problem);
  return attentionOperation.inputs(problem).map((spec, index) => {
    const numbers = index < 3 ? undefined : given(names[index - 3]!, problem);
    if (numbers) return Float64Array.from(numbers);
    const random = randomElements(spec, 1 + index);
    // Factors of keys and values in 8 bits, which are up to 127: small, and positive.
    return index >= 3 && names[index - 3]!.startsWith('scales')
      ? random.map((value) => Math.fround(0.005 + Math.abs(value) / 100))
      : random;
  });
}

/** Steps of the reference that a row's check may take. */
const MAX_STEPS = 6e6;

/** The first and the last query, and as many between them as time allows. */
function sampledRows(problem: AttentionProblem, operands: AttentionOperands): QueryRow[] {
  const rows = [...queryRows(problem, operands)];
  const steps = 4 * problem.seqLenKv * problem.headDim;
  return new Random(1)
    .choose(Math.max(8, Math.floor(MAX_STEPS / steps)), rows.length)
    .map((index) => rows[index]!);
}

/** One query as half precision makes it without flash attention: the product, each step of the score and the weights are rounded. */
function naiveHalf(problem: AttentionProblem, operands: AttentionOperands, row: QueryRow): Float64Array {
  const { first, end } = keyRange(problem, row.sequence, row.query);
  const keys = keyRows(problem, operands, row);
  const scores: number[] = [];
  for (let key = first; key < end; key++) {
    const { scaled, bias, mask } = attentionScore(problem, operands, row, key, keys.k(key));
    const { softcap } = problem;
    const product = f16round(scaled);
    const score =
      softcap === undefined ? product : f16round(softcap * f16round(Math.tanh(f16round(product / softcap))));
    scores.push(mask === -Infinity ? mask : f16round(f16round(score + f16round(bias)) + mask));
  }
  const sink = operands.sinks?.[row.head] ?? -Infinity;
  const maximum = Math.max(sink, ...scores);
  const o = new Float64Array(problem.headDimV);
  if (maximum === -Infinity) return o;
  const weights = scores.map((score) => Math.exp(score - maximum));
  const sum = weights.reduce((total, weight) => total + weight, Math.exp(sink - maximum));
  for (const [j, exponential] of weights.entries()) {
    const weight = f16round(exponential / sum);
    if (weight === 0) continue;
    const value = keys.v(first + j);
    for (let d = 0; d < o.length; d++) o[d]! += weight * operands.v[value + d]!;
  }
  return o.map((sum) => f16round(sum));
}

const rows = pairwiseCover(FACTORS, possible, everything ? ['headDim', 'lengths', 'heads'] : []);

const nameOf = ({ kernel, dtype, headDim, lengths, heads, ...features }: Row): string => {
  const used = Object.entries(features)
    .filter(([, value]) => value !== false && value !== 'none' && value !== 'all')
    .map(([name, value]) => (value === true ? name : `${name} ${value}`));
  return `${kernel} ${dtype} ${lengths.join('x')}, headDim ${headDim}, ${heads.join('/')} heads, ${used.join(', ')}`;
};

describe('the grid of FlashAttention, every two values together', () => {
  it('has every value of every factor', () => {
    for (const [name, values] of Object.entries(FACTORS))
      expect(new Set<unknown>(rows.map((row) => row[name as keyof Row])), name).toEqual(
        new Set<unknown>(values),
      );
  });

  it.for(rows.map((row) => ({ name: nameOf(row), row })))('$name', async ({ row }, { skip }) => {
    const problem = problemOf(row);
    const kernel = kernelOf(row.kernel);
    const supported = kernel.supports(problem, device.capabilities);
    if (supported !== true) skip(supported);
    const inputs = inputsOf(problem);
    const outputs = attentionOperation.outputs(problem);
    const config = kernel.heuristic(problem, device.capabilities);
    const run = await runGuarded(
      device,
      kernel.plan(problem, config, device.capabilities),
      attentionOperation.inputs(problem).map((spec, index) => ({ spec, values: inputs[index]! })),
      outputs,
    );
    expect(run.damagedWords, 'words written outside the buffers').toBe(0);
    const [o, logSumExp] = run.outputs;
    // They were NaN before.
    expect(o!.findIndex(Number.isNaN), 'an element that was not written').toBe(-1);
    const operands = namedOperands(problem, inputs);
    let worst = 0;
    let worstOfNaive = 0;
    for (const place of sampledRows(problem, operands)) {
      const expected = attend(problem, operands, place);
      const bound = rowErrorBound(problem, operands, place, expected.o);
      const got = o!.subarray(place.o, place.o + problem.headDimV);
      const where = `head ${place.head}, query ${place.query}`;
      expect(compare(got, expected.o, bound.o, row.dtype), where).toMatchObject({ passed: true });
      if (logSumExp) {
        const one = compare(
          [logSumExp[place.lse]!],
          Float64Array.of(expected.logSumExp),
          Float64Array.of(bound.logSumExp),
          'f32',
        );
        expect(one, `logSumExp, ${where}`).toMatchObject({ passed: true });
      }
      if (row.dtype === 'f32') continue;
      const naive = naiveHalf(problem, operands, place);
      for (const [d, value] of expected.o.entries()) {
        worst = Math.max(worst, Math.abs(got[d]! - value));
        worstOfNaive = Math.max(worstOfNaive, Math.abs(naive[d]! - value));
      }
    }
    // As FlashAttention asks of itself.
    expect(worst, `at most twice the error of naive half precision, ${worstOfNaive}`).toBeLessThanOrEqual(
      2 * worstOfNaive,
    );
  });
});
