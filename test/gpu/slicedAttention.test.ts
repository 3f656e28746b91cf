// Attention whose tensors are larger than a device binds at once. The device says that it binds little, so that the cases of the
// registry are cut: along sequences, heads of keys, heads that share one, and queries, with every feature.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attentionBackwardCases } from '../../src/kernels/attentionBackward/cases.ts';
import { attentionCases, attentionProblem, EVERYTHING } from '../../src/kernels/attention/cases.ts';
import { attentionBackwardOperation, attentionOperation } from '../../src/kernels/checked.ts';
import type { Case, CheckedOperation, Kernel } from '../../src/kernels/define.ts';
import { fitsInSlices, slicedPlan } from '../../src/kernels/slicing.ts';
import { attention, explain, UnsupportedError, type GpuDevice, type Tensor } from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { optionalInputs, type AttentionProblem } from '../../src/reference/attention.ts';
import { storageSizeBytes } from '../../src/tensor.ts';
import { checkCase } from './support/checkCase.ts';
import { evenShare } from './support/corners.ts';
import { narrowDevice } from './support/narrowDevice.ts';

const LIMIT = 12_288;

let narrow: GpuDevice;
beforeAll(async () => {
  narrow = await narrowDevice(LIMIT);
});
afterAll(() => narrow.destroy());

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

describe('by the API', () => {
  it('is explained', () => {
    const q = narrow.empty([2, 4, 40, 32]);
    const k = narrow.empty([2, 2, 90, 32]);
    const { reason, passes } = explain(attention, q, k, k);
    expect(reason).toMatch(/in 4 slices, since the adapter binds 12288 bytes at once$/);
    expect(passes.length).toBe(4);
  });

  it.each([
    ['keys of one head', (): Tensor => attention(...operands([1, 1, 4, 32], [1, 1, 97, 32]))],
    [
      'keys of all heads of a token',
      (): Tensor => attention(...operands([1, 4, 4, 32], [1, 90, 4, 32]), { layout: 'bshd' }),
    ],
    [
      'packed sequences',
      (): Tensor => attention(...operands([97, 1, 32], [97, 1, 32]), { offsetsQ: [0, 50, 97] }),
    ],
  ])('%s are refused by the name of the limit', (_, run) => {
    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(/the adapter allows 12288 \(maxStorageBufferBindingSize\)/);
  });
});

const operands = (
  q: readonly number[],
  kv: readonly number[],
): [Tensor<'f32'>, Tensor<'f32'>, Tensor<'f32'>] => [narrow.empty(q), narrow.empty(kv), narrow.empty(kv)];
