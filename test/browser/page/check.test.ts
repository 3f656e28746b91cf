// The demo's check of a GPU's result, on results of the CPU path: right ones pass, spoiled ones do not.
import { openDevice } from 'tilewise';
import { describe, expect, it } from 'vitest';
import { checkResult } from '../../../demo/reference/check.ts';
import { drawOperands } from '../../../demo/reference/draw.ts';
import { familyOf } from '../../../demo/workloads/families.ts';
import { suiteFor } from '../../../demo/workloads/suites.ts';
import type { ElementType, Workload } from '../../../demo/workloads/workload.ts';
import lavapipe from '../../fixtures/capabilities/lavapipe.json' with { type: 'json' };
import type { Capabilities } from '../../../src/index.ts';

/** Workloads that are checked whole, and such as are checked in samples. */
const workloads: Readonly<Record<string, (dtype: ElementType) => Workload>> = {
  'a small product': (dtype) => ({ family: 'matmul', m: 33, n: 65, k: 129, dtype }),
  'a large product': (dtype) => ({ family: 'matmul', m: 1025, n: 1030, k: 257, dtype }),
  'short attention': (dtype) => ({
    family: 'attention',
    ...heads,
    seqLenQ: 33,
    seqLenKv: 33,
    causal: true,
    dtype,
  }),
  'long attention': (dtype) => ({
    family: 'attention',
    ...heads,
    seqLenQ: 700,
    seqLenKv: 700,
    causal: true,
    dtype,
  }),
  'attention of one query': (dtype) => ({
    family: 'attention',
    ...heads,
    seqLenQ: 1,
    seqLenKv: 513,
    causal: false,
    dtype,
  }),
  'a sum': (dtype) => ({ family: 'reduction', op: 'sum', shape: [31, 1000], axis: 1, dtype }),
  'a mean': (dtype) => ({ family: 'reduction', op: 'mean', shape: [100_003], dtype }),
  'a maximum': (dtype) => ({ family: 'reduction', op: 'max', shape: [300, 17], axis: 0, dtype }),
  'a position': (dtype) => ({ family: 'reduction', op: 'argmax', shape: [17, 4001], axis: 1, dtype }),
  'a softmax': (dtype) => ({ family: 'reduction', op: 'softmax', shape: [9, 1000], axis: 1, dtype }),
};
const heads = { heads: 4, kvHeads: 2, headDim: 72 };

/** What the CPU path gives in a workload's own type, as a GPU would. */
async function resultOf(workload: Workload, operands: readonly Float32Array[]): Promise<Float64Array> {
  const cpu = await openDevice({ backend: 'cpu' });
  const family = familyOf(workload);
  const shapes = family.operands(workload);
  const tensors = operands.map((data, index) => cpu.tensor(data, shapes[index]!.shape, workload.dtype));
  return Float64Array.from(await family.run(workload, tensors).read());
}

describe.each(Object.entries(workloads))('%s', (_, workloadIn) => {
  it.each(['f32', 'f16'] as const)('in %s', async (dtype) => {
    const workload = workloadIn(dtype);
    const operands = await drawOperands(workload);
    const result = await resultOf(workload, operands);
    const right = await checkResult(workload, operands, result);
    expect(right).toMatchObject({ passed: true, of: result.length });
    expect(right.compared).toBeGreaterThan(Math.min(result.length, 1000) - 1);

    const last = result.length - 1;
    const spoiled = result.with(last, result[last]! * 1.01 + 1);
    expect(await checkResult(workload, operands, spoiled)).toMatchObject({ passed: false });
    const lost = result.with(Math.floor(last / 2), NaN);
    expect(await checkResult(workload, operands, lost)).toMatchObject({ passed: false });
  });
});

describe('the suite', () => {
  const gpu = { ...(lavapipe as unknown as Capabilities), software: false };

  it('has the layers of a large model on a fast GPU, a shorter prompt on a slower one, small shapes on the slowest', () => {
    expect(suiteFor(gpu, 1e13).summary).toMatch(/Llama-3.1-8B: a prompt of 2048 tokens/);
    expect(suiteFor(gpu, 7e11).summary).toMatch(/a prompt of 512 tokens/);
    expect(suiteFor(gpu, 1e10).summary).toMatch(/Small shapes/);
    expect(suiteFor(gpu, undefined).summary).toMatch(/Small shapes/);
  });

  it('runs both types where there is half precision, and leaves out what no buffer holds', () => {
    const limits = { ...gpu.limits, maxStorageBufferBindingSize: 2 ** 27 };
    const { groups, leftOut } = suiteFor({ ...gpu, limits }, 1e13);
    const titles = groups.flatMap(({ entries }) =>
      entries.map(({ title, workload }) => `${title} ${workload.dtype}`),
    );
    expect(titles).toContain('Feed-forward, prompt f16');
    expect(titles).not.toContain('Feed-forward, prompt f32');
    expect(leftOut).toEqual([
      'Feed-forward, prompt in f32 is left out: it needs 224 MiB in one buffer, and this adapter binds at most 128 MiB.',
      'Feed-forward, next token in f32 is left out: it needs 224 MiB in one buffer, and this adapter binds at most 128 MiB.',
    ]);
    expect(suiteFor({ ...gpu, f16: false }, 1e13).leftOut[0]).toMatch(/no half precision/);
  });
});
