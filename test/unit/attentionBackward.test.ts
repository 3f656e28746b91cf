import { describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import {
  attentionBackward,
  attentionWithLogSumExp,
  DTypeError,
  openDevice,
  ShapeError,
} from '../../src/index.ts';
import { attentionBackwardCases } from '../../src/kernels/attentionBackward/cases.ts';
import { attentionBackwardOperation } from '../../src/kernels/checked.ts';
import { attentionProblem, CAUSAL } from '../../src/kernels/attention/cases.ts';
import { select } from '../../src/ops/select.ts';
import { type AttentionProblem } from '../../src/reference/attention.ts';
import { attentionReference } from '../../src/reference/attentionReference.ts';
import { attentionBackwardReference } from '../../src/reference/attentionBackward.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };
import nvidiaH100 from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };

const small = (options: Partial<AttentionProblem> = {}): AttentionProblem =>
  attentionProblem(4, 6, 3, { batch: 2, heads: 4, kvHeads: 2, headDimV: 2, ...options });

describe('the reference of attentionBackward', () => {
  it.each([
    ['nothing else', small(), {}],
    ['a causal mask', small(CAUSAL['lower-right']), {}],
    ['a window and a cap', small({ left: 2, right: 1, softcap: 1.5 }), {}],
    ['a mask', small({ mask: { kind: 'boolean', dtype: 'u32', shape: [1, 1, 4, 6] } }), {}],
    [
      'a mask shorter than the keys',
      small({ mask: { kind: 'additive', dtype: 'f32', shape: [2, 1, 4, 4] } }),
      {},
    ],
    ['ALiBi and sinks', small({ alibi: 'heads', sinks: true }), {}],
    ['another layout', small({ layout: 'bshd' }), {}],
    ['lengths', small({ lengths: true }), { lengths: [6, 3] }],
    [
      'packed sequences',
      small({ layout: 'packed', tokens: { q: 7, kv: 9 } }),
      {
        offsets: [
          [0, 4, 7],
          [0, 6, 9],
        ],
      },
    ],
  ] as const)('agrees with differences of the forward pass in f64, with %s', (_, problem, given) => {
    const specs = attentionBackwardOperation.inputs(problem);
    const inputs = specs.map((spec, index) => {
      if (spec.dtype !== 'u32') return randomElements(spec, index + 1);
      if ('lengths' in given) return Float64Array.from(given.lengths);
      if ('offsets' in given) return Float64Array.from(given.offsets[index - 4]!);
      return randomElements(spec, index + 1).map((value) => value % 2);
    });
    const [q, k, v, dO, ...others] = inputs as [Float64Array, Float64Array, Float64Array, Float64Array];
    const loss = (): number =>
      attentionReference(problem, [q, k, v, ...others])[0]!.reduce(
        (sum, value, i) => sum + value * dO[i]!,
        0,
      );
    const gradients = attentionBackwardReference(problem, inputs);
    const step = 1e-5;
    for (const [index, operand] of [q, k, v].entries()) {
      for (let i = 0; i < operand.length; i++) {
        const value = operand[i]!;
        operand[i] = value + step;
        const above = loss();
        operand[i] = value - step;
        const below = loss();
        operand[i] = value;
        // Central differences: wrong by step^2 and by the rounding of the loss, 1e-16 / step.
        expect(gradients[index]![i]).toBeCloseTo((above - below) / (2 * step), 8);
      }
    }
  });
});

describe('attentionBackward', async () => {
  const device = await openDevice({ backend: 'cpu' });
  const tensor = (...shape: number[]) =>
    device.tensor(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape);
  const q = tensor(1, 4, 3, 8);
  const kv = tensor(1, 2, 5, 8);

  it('refuses a gradient that does not fit the result', () => {
    expect(() => attentionBackward(q, kv, tensor(1, 2, 5, 6), q)).toThrow(ShapeError);
    expect(() => attentionBackward(q, kv, tensor(1, 2, 5, 6), q)).toThrow(
      /gradient must have the result's shape, \[1, 4, 3, 6\], got \[1, 4, 3, 8\]/,
    );
    const half = device.tensor(new Float32Array(96), [1, 4, 3, 8], 'f16');
    expect(() => attentionBackward(q, kv, kv, half as never)).toThrow(DTypeError);
    expect(() => attentionBackward(q, kv, kv, q, { causal: true })).toThrow(/alignment must say/);
  });

  it('refuses results of the forward pass that do not fit, or one without the other', () => {
    const lse = tensor(1, 4, 3);
    expect(() => attentionBackward(q, kv, kv, q, { output: q })).toThrow(
      /output is given, but not logSumExp/,
    );
    expect(() => attentionBackward(q, kv, kv, q, { logSumExp: lse })).toThrow(
      /logSumExp is given, but not output/,
    );
    expect(() => attentionBackward(q, kv, kv, q, { output: kv, logSumExp: lse })).toThrow(
      /output must have the forward pass's shape, \[1, 4, 3, 8\], got \[1, 2, 5, 8\]/,
    );
    expect(() => attentionBackward(q, kv, kv, q, { output: q, logSumExp: tensor(1, 3, 4) })).toThrow(
      /logSumExp must have the forward pass's shape, \[1, 4, 3\], got \[1, 3, 4\]/,
    );
    const half = device.tensor(new Float32Array(96), [1, 4, 3, 8], 'f16') as never;
    expect(() => attentionBackward(q, kv, kv, q, { output: half, logSumExp: lse })).toThrow(
      /output must be f32, as q, got f16/,
    );
  });

  it("gives the same gradients from the forward pass's results as without them", async () => {
    const random = (seed: number, ...shape: number[]) =>
      device.tensor(randomElements({ shape, dtype: 'f32' }, seed), shape);
    const [a, b, c, d] = [
      random(1, 1, 4, 3, 8),
      random(2, 1, 2, 5, 8),
      random(3, 1, 2, 5, 8),
      random(4, 1, 4, 3, 8),
    ] as const;
    const options = { causal: 'lower-right', sinks: random(5, 4) } as const;
    const forward = attentionWithLogSumExp(a, b, c, options);
    const alone = attentionBackward(a, b, c, d, options);
    const given = attentionBackward(a, b, c, d, { ...options, ...forward });
    for (const name of ['dq', 'dk', 'dv'] as const) {
      const expected = await alone[name].read();
      for (const [i, value] of (await given[name].read()).entries())
        expect(value).toBeCloseTo(expected[i]!, 5);
    }
  });

  it('gives gradients of the shapes of the operands', () => {
    const { dq, dk, dv } = attentionBackward(q, kv, kv, q);
    expect([dq.shape, dk.shape, dv.shape]).toEqual([q.shape, kv.shape, kv.shape]);
  });

  it('takes tiles where rows fit into registers, and needs scratch for queries only', () => {
    const caps = lavapipe as unknown as Capabilities;
    const chosen = (problem: AttentionProblem): string =>
      select(attentionBackwardOperation, problem, caps).kernel.name;
    expect(chosen(attentionProblem(64, 64, 128))).toBe('attentionBackward/tiles');
    expect(chosen(attentionProblem(64, 64, 256))).toBe('attentionBackward/rows');
    expect(chosen(attentionProblem(64, 64, 30))).toBe('attentionBackward/rows');
    for (const dtype of ['f32', 'f16'] as const) {
      const problem = attentionProblem(2048, 4096, 128, { heads: 8, dtype });
      const able = attentionBackwardOperation.kernels.filter(
        (kernel) => kernel.supports(problem, caps) === true,
      );
      expect(able.map(({ name }) => name)).toContain('attentionBackward/rows');
      for (const kernel of able) {
        const plan = kernel.plan(problem, kernel.heuristic(problem, caps), caps);
        expect(plan.scratchBytes, kernel.name).toEqual([8 * 8 * 2048]);
      }
    }
  });

  it('takes tensor cores for half precision and many queries on an H100, for heads up to 128', () => {
    const h100 = nvidiaH100 as unknown as Capabilities;
    for (const headDim of [32, 40, 64, 80, 96, 128]) {
      const problem = attentionProblem(512, 512, headDim, { dtype: 'f16' });
      const { kernel, config } = select(attentionBackwardOperation, problem, h100);
      expect(kernel.name).toBe('attentionBackward/matrices');
      expect(kernel.legal(config, problem, h100)).toBe(true);
      for (const [name, value] of Object.entries(config)) expect(kernel.space[name]).toContain(value);
      expect(select(attentionBackwardOperation, { ...problem, dtype: 'f32' }, h100).kernel.name).toBe(
        'attentionBackward/tiles',
      );
      expect(select(attentionBackwardOperation, { ...problem, seqLenQ: 1 }, h100).kernel.name).toBe(
        'attentionBackward/tiles',
      );
    }
    const large = select(attentionBackwardOperation, attentionProblem(512, 512, 256, { dtype: 'f16' }), h100);
    expect(large.kernel.name).toBe('attentionBackward/rows');
    expect(large.passedOver.map(({ why }) => why).join()).toMatch(/do not fit into registers/);
  });

  it('is tested on each feature that can be trained', () => {
    const names = attentionBackwardCases.map(({ name }) => name).join();
    for (const feature of [
      'causal',
      'window',
      'softcap',
      'mask',
      'shorter than the keys',
      'ALiBi',
      'sinks',
      'bshd',
      'lengths',
      'packed',
      'f16',
    ])
      expect(names).toContain(feature);
  });
});
