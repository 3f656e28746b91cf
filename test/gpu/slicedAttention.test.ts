// Attention whose tensors are larger than a device binds at once. The device says that it binds little, so that the cases of the
// registry are cut: along sequences, heads of keys, heads that share one, queries, and keys, with every feature.
import { beforeAll, describe, expect, it } from 'vitest';
import { firstOptional } from '../../src/kernels/attentionBackward/contract.ts';
import { attentionBackwardCases } from '../../src/kernels/attentionBackward/cases.ts';
import { attentionCases, attentionProblem, EVERYTHING } from '../../src/kernels/attention/cases.ts';
import { attentionBackwardOperation, attentionOperation } from '../../src/kernels/checked.ts';
import type { Case, CheckedOperation, Kernel } from '../../src/kernels/define.ts';
import { fitsInSlices, slicedPlan } from '../../src/kernels/slicing.ts';
import {
  attention,
  attentionBackward,
  attentionWithCache,
  explain,
  KeyValueCache,
  rotary,
  UnsupportedError,
  writeCache,
  type GpuDevice,
  type Tensor,
} from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { optionalInputs, type AttentionProblem } from '../../src/reference/attention.ts';
import type { BackwardProblem } from '../../src/reference/attentionBackward.ts';
import { storageSizeBytes } from '../../src/tensor.ts';
import { checkCase } from './support/checkCase.ts';
import { evenShare } from './support/corners.ts';
import { testDevice } from './support/device.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 12_288;

let narrow: GpuDevice;
beforeAll(async () => {
  narrow = await narrowDevice(LIMIT);
  return () => narrow.destroy();
});

const caps = {
  limits: { maxStorageBufferBindingSize: LIMIT, minStorageBufferOffsetAlignment: 256 },
} as GpuDevice['capabilities'];

/** What an operation runs, slices and all, as one kernel. */
const wholeOf = <P>(operation: CheckedOperation<P>): Kernel<P> => ({
  ...operation.kernels.at(-1)!,
  plan: (problem, _config, capabilities) =>
    slicedPlan(operation, problem, capabilities, (part) => {
      const { kernel, config } = select(operation, part, capabilities);
      return kernel.plan(part, config, capabilities);
    }),
});

/** Cases that have to be cut, and can be. */
const cutCases = <P>(operation: CheckedOperation<P>, cases: readonly Case<P>[]): readonly Case<P>[] =>
  cases.filter(
    ({ problem }) =>
      [...operation.inputs(problem), ...operation.outputs(problem)].some(
        (spec) => storageSizeBytes(spec) > LIMIT,
      ) && fitsInSlices(operation, problem, caps),
  );

const forward = cutCases(attentionOperation, attentionCases);
const backward = cutCases(attentionBackwardOperation, attentionBackwardCases);

it('has cases of every kind', () => {
  expect(forward.length).toBeGreaterThan(60);
  expect(backward.length).toBeGreaterThan(12);
});

// Compiling the shaders is what takes the time.
it.each(evenShare(forward, 16, 0))('$name', async (testCase) => {
  await checkCase(narrow, attentionOperation, wholeOf(attentionOperation), testCase, {});
});

it.each(evenShare(backward, 4, 0))('backward: $name', async (testCase) => {
  await checkCase(narrow, attentionBackwardOperation, wholeOf(attentionBackwardOperation), testCase, {});
});

/** Where there is more to cut than heads: each with what its slices have to know of their place. */
const MANY_QUERIES: Readonly<Record<string, AttentionProblem>> = {
  'heads that share one': attentionProblem(60, 20, 32, { heads: 4, right: 0, alignment: 'lower-right' }),
  'queries at a place of their own': attentionProblem(300, 40, 32, {
    ...EVERYTHING,
    batch: 2,
    heads: 2,
    mask: { kind: 'boolean', dtype: 'u32', shape: [2, 1, 300, 40] },
  }),
  'queries that end with the keys': attentionProblem(300, 40, 32, {
    left: 20,
    right: 3,
    alignment: 'lower-right',
    lengths: true,
    alibi: 'heads',
    logSumExp: true,
  }),
  'queries of all heads': attentionProblem(150, 20, 32, {
    layout: 'bshd',
    heads: 4,
    kvHeads: 2,
    sinks: true,
  }),
};

it.each(Object.entries(MANY_QUERIES))('%s', async (name, problem) => {
  expect(fitsInSlices(attentionOperation, problem, narrow.capabilities)).toBe(true);
  const given = { [3 + optionalInputs(problem).indexOf('lengths')]: [33, 9].slice(0, problem.batch) };
  const testCase = { name, problem, ...(problem.lengths && { given }) };
  await checkCase(narrow, attentionOperation, wholeOf(attentionOperation), testCase, {});
});

const paged = { cache: { kind: 'paged', blocks: 26, blockSize: 8 }, lengths: true } as const;
/** The second sequence has blocks of the first, from the last on backwards; one that is not there counts as the last. */
const BLOCKS = [
  ...Array.from({ length: 13 }, (_, i) => 2 * i),
  99,
  ...Array.from({ length: 12 }, (_, i) => 24 - i),
];

/** Keys that no cut but one along the keys makes small enough. */
const MANY_KEYS: Readonly<Record<string, readonly [AttentionProblem, Partial<Record<string, number[]>>]>> = {
  'of one head': [
    attentionProblem(7, 200, 32, { softcap: 3, left: 50, right: 0, alignment: 'lower-right' }),
    {},
  ],
  'of one head of half precision, as no vectors lie, with a sink': [
    attentionProblem(20, 150, 59, { dtype: 'f16', sinks: true, logSumExp: true }),
    {},
  ],
  'of all heads of a token': [
    attentionProblem(40, 90, 32, { ...EVERYTHING, layout: 'bshd', batch: 2, heads: 4, kvHeads: 2 }),
    { lengths: [90, 31] },
  ],
  'of packed sequences': [
    attentionProblem(90, 120, 32, {
      batch: 3,
      heads: 2,
      layout: 'packed',
      tokens: { q: 150, kv: 200 },
      right: 0,
      left: 60,
      alignment: 'lower-right',
      alibi: 'heads',
      sinks: true,
      logSumExp: true,
    }),
    { offsetsQ: [0, 90, 91, 150], offsetsKv: [0, 120, 143, 200] },
  ],
  'of a linear cache': [
    attentionProblem(3, 300, 64, { cache: { kind: 'linear' }, lengths: true, quantised: true, batch: 2 }),
    { lengths: [290, 77] },
  ],
  'of a ring that begins anew within one stretch': [
    attentionProblem(3, 150, 32, {
      cache: { kind: 'ring' },
      lengths: true,
      batch: 2,
      right: 0,
      left: 120,
      alignment: 'lower-right',
    }),
    { lengths: [210, 80] },
  ],
  'of a paged cache': [
    attentionProblem(20, 104, 32, {
      ...paged,
      batch: 2,
      heads: 4,
      kvHeads: 2,
      right: 0,
      alignment: 'lower-right',
      mask: { kind: 'additive', dtype: 'f32', shape: [1, 1, 20, 104] },
    }),
    { lengths: [100, 41], blockTable: BLOCKS },
  ],
  'of a paged cache in 8 bits, one query': [
    attentionProblem(1, 104, 64, { ...paged, dtype: 'f16', batch: 2, heads: 4, kvHeads: 2, quantised: true }),
    { lengths: [1000, 41], blockTable: BLOCKS },
  ],
};

it.each(Object.entries(MANY_KEYS))('keys %s', async (name, [problem, numbers]) => {
  expect(fitsInSlices(attentionOperation, problem, narrow.capabilities)).toBe(false);
  const given = Object.fromEntries(
    optionalInputs(problem).flatMap((input, index) => (numbers[input] ? [[3 + index, numbers[input]]] : [])),
  );
  await checkCase(narrow, attentionOperation, wholeOf(attentionOperation), { name, problem, given }, {});
});

/** Every other entry of every third row hides its key, and so does all of the first row. */
const hiding = (queries: number, keys: number): number[] =>
  Array.from({ length: queries * keys }, (_, index) =>
    index < keys || (Math.floor(index / keys) % 3 === 0 && index % 2 === 0) ? 0 : 1,
  );

/** Gradients of which no cut along sequences and heads makes the queries or the keys small enough. */
const MANY_PAIRS: Readonly<
  Record<string, readonly [BackwardProblem, Partial<Record<string, readonly number[]>>]>
> = {
  'queries of one head': [attentionProblem(200, 40, 32, { right: 0 }), {}],
  'queries of heads that share one': [
    attentionProblem(70, 20, 32, { heads: 4, batch: 2, right: 0, alignment: 'lower-right', softcap: 3 }),
    {},
  ],
  'keys of one head': [attentionProblem(40, 300, 32, { left: 50, right: 0, alignment: 'lower-right' }), {}],
  'queries and keys of one head': [
    attentionProblem(150, 200, 32, {
      right: 0,
      alignment: 'lower-right',
      sinks: true,
      alibi: 'heads',
      headDimV: 64,
    }),
    {},
  ],
  'queries and keys of heads that share one, by the results of the forward pass': [
    { ...attentionProblem(150, 120, 32, { heads: 2, batch: 2, left: 30, right: 20 }), forward: true },
    {},
  ],
  'queries and keys of half precision, as no vectors lie': [
    attentionProblem(130, 150, 59, { dtype: 'f16', sinks: true, batch: 2, heads: 2, kvHeads: 2 }),
    {},
  ],
  'queries and keys of half precision in tiles, of sequences of other lengths': [
    attentionProblem(120, 260, 64, {
      dtype: 'f16',
      lengths: true,
      batch: 2,
      heads: 2,
      alignment: 'lower-right',
      left: 90,
    }),
    { lengths: [33, 260] },
  ],
  'queries and keys of all heads of a token': [
    attentionProblem(60, 90, 32, {
      ...EVERYTHING,
      logSumExp: undefined,
      layout: 'bshd',
      batch: 2,
      heads: 4,
      kvHeads: 2,
      // No key from 80 on is seen.
      mask: { kind: 'boolean', dtype: 'u32', shape: [1, 1, 60, 80] },
    }),
    { lengths: [90, 31], mask: hiding(60, 80) },
  ],
  'queries and keys of packed sequences': [
    attentionProblem(90, 120, 32, {
      batch: 3,
      heads: 2,
      layout: 'packed',
      tokens: { q: 150, kv: 200 },
      right: 0,
      left: 60,
      alignment: 'lower-right',
      alibi: 'heads',
      sinks: true,
    }),
    { offsetsQ: [0, 90, 91, 150], offsetsKv: [0, 120, 143, 200] },
  ],
  'queries and keys of packed sequences of half precision': [
    attentionProblem(150, 230, 32, {
      dtype: 'f16',
      batch: 3,
      heads: 4,
      kvHeads: 2,
      layout: 'packed',
      tokens: { q: 230, kv: 320 },
    }),
    { offsetsQ: [0, 0, 150, 230], offsetsKv: [0, 20, 250, 320] },
  ],
};

describe.each(Object.entries(MANY_PAIRS))('gradients by %s', (name, [problem, numbers]) => {
  const first = firstOptional(problem);
  const given = Object.fromEntries(
    optionalInputs(problem).flatMap((input, index) =>
      numbers[input] ? [[first + index, numbers[input]]] : [],
    ),
  );
  const testCase = { name, problem, given };

  it('are sums over slices of both', async () => {
    expect(fitsInSlices(attentionBackwardOperation, problem, narrow.capabilities)).toBe(false);
    await checkCase(narrow, attentionBackwardOperation, wholeOf(attentionBackwardOperation), testCase, {});
  });

  it.runIf(optionalInputs(problem).length > 1)('are so where a shader has few buffers', async () => {
    const { limits } = narrow.capabilities;
    const few = { ...narrow.capabilities, limits: { ...limits, maxStorageBuffersPerShaderStage: 8 } };
    const kernel = wholeOf(attentionBackwardOperation);
    await checkCase(narrow, attentionBackwardOperation, kernel, testCase, {}, few);
  });
});

describe('by the API', () => {
  it('is explained', () => {
    const q = narrow.empty([2, 4, 40, 32]);
    const k = narrow.empty([2, 2, 90, 32]);
    const { reason, passes } = explain(attention, q, k, k);
    expect(reason).toMatch(/in 4 slices, since the adapter binds 12288 bytes at once$/);
    expect(passes.length).toBe(4);
    const keys = narrow.empty([1, 1, 200, 32]);
    const few = narrow.empty([1, 1, 4, 32]);
    expect(explain(attention, few, keys, keys).kernel).toBe('attention/slices');
    expect(explain(attentionBackward, few, keys, keys, few).kernel).toBe('attentionBackward/slices');
  });

  it('tokens are rotated, written to blocks and attended to as on a device that binds all', async () => {
    const wide = await testDevice();
    const [one, other] = [await attendToBlocks(narrow), await attendToBlocks(wide)];
    expect(one.keys).toEqual(other.keys);
    // Sums of the same numbers in another order.
    for (const [index, value] of other.o.entries()) expect(one.o[index]).toBeCloseTo(value, 5);
  });

  it.each([
    ['a row of one key', (): Tensor => attention(...operands([1, 1, 1, 4096], [1, 1, 2, 4096]))],
    [
      'gradients by a row of one key',
      (): Tensor => {
        const [q, k, v] = operands([1, 1, 1, 4096], [1, 1, 2, 4096]);
        return attentionBackward(q, k, v, narrow.empty([1, 1, 1, 4096])).dk;
      },
    ],
  ])('%s are refused by the name of the limit', (_, run) => {
    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(/the adapter allows 12288 \(maxStorageBufferBindingSize\)/);
  });
});

/** Attends to 280 tokens of two sequences, in tensors too large to share a buffer. */
async function attendToBlocks(device: GpuDevice): Promise<Record<'keys' | 'o', number[]>> {
  const numbers = (count: number): number[] =>
    Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const tensor = (shape: readonly number[]): Tensor<'f32'> =>
    device.tensor(numbers(shape.reduce((a, b) => a * b)), shape);
  using cache = new KeyValueCache(device, {
    kind: 'paged',
    blocks: 30,
    blockSize: 10,
    kvHeads: 2,
    headDim: 32,
  });
  // Blocks are compared whole, and not every token of them is written.
  cache.keys.write(new Float32Array(30 * 2 * 10 * 32));
  const blockTable = Array.from({ length: 30 }, (_, i) => (i * 7) % 30);
  const x = tensor([2, 2, 140, 32]);
  const tables = { cos: tensor([200, 16]), sin: tensor([200, 16]) };
  writeCache(cache, x, x, { positions: [0, 3], blockTable, rotary: tables });
  const q = rotary(tensor([2, 4, 2, 32]), tables, { positions: [138, 141] });
  const o = attentionWithCache(q, cache, { lengths: [140, 143], blockTable, causal: true });
  return { keys: [...(await cache.keys.read())], o: [...(await o.read())] };
}

const operands = (
  q: readonly number[],
  kv: readonly number[],
): [Tensor<'f32'>, Tensor<'f32'>, Tensor<'f32'>] => [narrow.empty(q), narrow.empty(kv), narrow.empty(kv)];
