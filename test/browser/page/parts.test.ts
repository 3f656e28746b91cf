// Parts of the demo that need no page: its check of a GPU's result, its suites, what binds a row, addresses.
import { openDevice } from 'tilewise';
import { describe, expect, it } from 'vitest';
import { formatChoice, parseChoice } from '../../../demo/estimate/choice.ts';
import { formatRoute, parseRoute } from '../../../demo/frame/route.ts';
import { addressOf, parseChosen } from '../../../demo/kernels/problem.ts';
import { checkResult } from '../../../demo/reference/check.ts';
import { drawOperands } from '../../../demo/reference/draw.ts';
import { bindingCeiling, type Ceiling } from '../../../demo/run/bindingCeiling.ts';
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

const gpu = { ...(lavapipe as unknown as Capabilities), software: false };

describe('the suite', () => {
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

describe('the ceiling that binds a row', () => {
  const ceilings: Ceiling[] = [
    { kind: 'read', name: 'read, 1 MiB', perSecond: 400e9, workingSetBytes: 2 ** 20 },
    { kind: 'read', name: 'read, 128 MiB', perSecond: 100e9, workingSetBytes: 2 ** 27 },
    { kind: 'copy', name: 'copy, 128 MiB', perSecond: 80e9, workingSetBytes: 2 ** 27 },
    { kind: 'f32', name: 'f32', perSecond: 10e12, workingSetBytes: 2 ** 20 },
  ];
  const work = { flops: 1e6, bytes: 2 ** 27, writtenBytes: 4, arithmetic: 'f32' } as const;

  it('is memory at the nearest working set, by reading or by copying, or arithmetic where that takes longer', () => {
    expect(bindingCeiling(ceilings, work)?.ceiling.name).toBe('read, 128 MiB');
    expect(bindingCeiling(ceilings, { ...work, bytes: 2 ** 21 })?.ceiling.name).toBe('read, 1 MiB');
    expect(bindingCeiling(ceilings, { ...work, writtenBytes: 2 ** 26 })?.ceiling.name).toBe('copy, 128 MiB');
    const long = bindingCeiling(ceilings, { ...work, flops: 1e12 });
    expect(long?.ceiling.name).toBe('f32');
    expect(long?.idealNs).toBeCloseTo(1e8, 3);
    expect(bindingCeiling([], work)).toBeUndefined();
  });
});

describe('what an address says', () => {
  it('is a view and its state', () => {
    expect(parseRoute('#/kernels?op=sum&sizes=1x2')).toMatchObject({ view: 'kernels' });
    expect(parseRoute('#/kernels?op=sum').state.get('op')).toBe('sum');
    expect(parseRoute('').view).toBe('');
    expect(formatRoute('run', {})).toBe('#/run');
    expect(formatRoute('kernels', { op: 'a b' })).toBe('#/kernels?op=a+b');
  });

  it('leads from a workload to its kernel and back', () => {
    for (const { entries } of suiteFor(gpu, 1e13).groups) {
      for (const { workload } of entries) {
        const address = addressOf(workload);
        if (address === undefined) continue;
        const chosen = parseChosen(parseRoute(address).state, false)!;
        expect(chosen.kind.workload(chosen.sizes, chosen.dtype)).toEqual(workload);
      }
    }
  });

  it('is ignored where it makes no sense', () => {
    const parse = (state: string): unknown => parseChosen(new URLSearchParams(state), false);
    for (const state of [
      '',
      'op=nothing',
      'op=matmul&sizes=1x2',
      'op=matmul&sizes=0x1x1',
      'op=sum&sizes=axb',
      'op=sum&config=x',
    ])
      expect(parse(state)).toBeUndefined();
    expect(parse('op=matmul&config=tileM:64,flag:true')).toMatchObject({ config: { tileM: 64, flag: true } });
    const choice = parseChoice(new URLSearchParams('budget=-1&years=3&sort=fastest&beyond=1'));
    expect(choice).toMatchObject({ budget: 38e9, years: 3, sort: 'usd', beyond: true });
    expect(formatChoice(choice)).toEqual({ years: '3', beyond: '1' });
  });
});
