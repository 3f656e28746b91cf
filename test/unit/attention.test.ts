import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attention, ArgumentError, DTypeError, explain, openDevice, ShapeError } from '../../src/index.ts';
import { attentionProblem } from '../../src/kernels/attention/cases.ts';
import { attentionOperation } from '../../src/kernels/attention/index.ts';
import { roundingUnit } from '../../src/kernels/rounding.ts';
import { select } from '../../src/ops/select.ts';
import { attentionReference, visibleKeys, type AttentionProblem } from '../../src/reference/attention.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

const software = lavapipe as unknown as Capabilities;

/** The same device with other limits: what a browser gives by default, or asks for, and an NVIDIA GPU in Node. */
function withLimits(isSoftware: boolean, invocations: number, workgroupBytes: number): Capabilities {
  return {
    ...software,
    software: isSoftware,
    limits: {
      ...software.limits,
      maxComputeInvocationsPerWorkgroup: invocations,
      maxComputeWorkgroupSizeX: invocations,
      maxComputeWorkgroupStorageSize: workgroupBytes,
    },
  };
}
const nvidia = withLimits(false, 1024, 49_152);
const devices: readonly (readonly [string, Capabilities])[] = [
  ['software', software],
  ['NVIDIA', nvidia],
  ['browser', withLimits(false, 256, 32_768)],
  ['default limits', withLimits(false, 256, 16_384)],
];

const chosen = (problem: AttentionProblem, caps: Capabilities): string =>
  select(attentionOperation, problem, caps).kernel.name;

const problems = fc
  .record({
    batch: fc.integer({ min: 1, max: 4 }),
    kvHeads: fc.integer({ min: 1, max: 8 }),
    groupSize: fc.integer({ min: 1, max: 8 }),
    seqLenQ: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100_000 })),
    seqLenKv: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 100_000 })),
    headDim: fc.integer({ min: 1, max: 80 }).map((fours) => 4 * fours),
    headDimV: fc.integer({ min: 1, max: 80 }).map((fours) => 4 * fours),
    dtype: fc.constantFrom('f32' as const, 'f16' as const),
    causal: fc.constantFrom('none' as const, 'upper-left' as const, 'lower-right' as const),
  })
  .map(({ groupSize, ...rest }): AttentionProblem => ({
    ...rest,
    heads: rest.kvHeads * groupSize,
    scale: 1,
  }));

describe.each(devices)('kernels of attention with the limits of: %s', (_, caps) => {
  it.each(attentionOperation.kernels)('$name has a legal heuristic config wherever it runs', (kernel) => {
    fc.assert(
      fc.property(problems, (problem) => {
        if (kernel.supports(problem, caps) !== true) return;
        const config = kernel.heuristic(problem, caps);
        expect(kernel.legal(config, problem, caps)).toBe(true);
        for (const [name, value] of Object.entries(config)) expect(kernel.space[name]).toContain(value);
        for (const { workgroups } of kernel.plan(problem, config, caps).passes) {
          for (const count of workgroups) {
            expect(count).toBeGreaterThanOrEqual(1);
            expect(count).toBeLessThanOrEqual(caps.limits.maxComputeWorkgroupsPerDimension);
          }
        }
      }),
    );
  });

  it('runs heads of common sizes on the fast kernels', () => {
    for (const dtype of ['f32', 'f16'] as const) {
      for (const headDim of [8, 40, 64, 80, 96, 128]) {
        expect(chosen(attentionProblem(512, 512, headDim, { dtype }), caps)).toBe('attention/flash');
        expect(chosen(attentionProblem(1, 4096, headDim, { dtype }), caps)).toBe('attention/decode');
      }
    }
  });
});

describe('choosing a kernel of attention', () => {
  it('says why the fast ones cannot run', () => {
    const why = (problem: AttentionProblem): string =>
      select(attentionOperation, problem, nvidia)
        .passedOver.map((passed) => passed.why)
        .join();
    expect(why(attentionProblem(512, 512, 59))).toMatch(/59 elements/);
    expect(why(attentionProblem(512, 512, 512))).toMatch(/at most 256 elements, these have 512/);
    expect(why(attentionProblem(512, 0, 64))).toMatch(/no keys/);
    expect(why(attentionProblem(512, 512, 64))).toMatch(/more than 16 queries/);
  });

  it('gives a large GPU enough workgroups, and no more parts than there are keys for', () => {
    const workgroups = (problem: AttentionProblem): number => {
      const { kernel, config } = select(attentionOperation, problem, nvidia);
      return kernel
        .plan(problem, config, nvidia)
        .passes[0]!.workgroups.reduce((product, n) => product * n, 1);
    };
    expect(workgroups(attentionProblem(1024, 1024, 128, { heads: 8, kvHeads: 8 }))).toBeGreaterThanOrEqual(
      256,
    );
    expect(workgroups(attentionProblem(1, 131_072, 128, { heads: 32, kvHeads: 8 }))).toBeGreaterThanOrEqual(
      512,
    );
    expect(workgroups(attentionProblem(1, 40, 128, { heads: 32, kvHeads: 8 }))).toBeLessThanOrEqual(16);
  });

  it('packs the queries that share a head of keys and values into one tile', () => {
    const problem = attentionProblem(1, 4096, 128, { heads: 32, kvHeads: 8, dtype: 'f16' });
    const { kernel, config } = select(attentionOperation, problem, nvidia);
    const alone = { ...problem, heads: 8 };
    const count = (p: AttentionProblem): readonly number[] =>
      kernel.plan(p, config, nvidia).passes[0]!.workgroups;
    expect(count(problem)).toEqual(count(alone));
  });

  it('needs scratch for queries and parts only, never for scores', () => {
    for (const kernel of attentionOperation.kernels) {
      for (const seqLenQ of [1, 16, 2048]) {
        const scratch = (seqLenKv: number): number => {
          const problem = attentionProblem(seqLenQ, seqLenKv, 128, { heads: 32, kvHeads: 8, dtype: 'f16' });
          if (kernel.supports(problem, nvidia) !== true) return 0;
          const { scratchBytes } = kernel.plan(problem, kernel.heuristic(problem, nvidia), nvidia);
          return scratchBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
        };
        expect(scratch(131_072)).toBe(scratch(32_768));
        expect(scratch(131_072)).toBeLessThanOrEqual(64 * 32 * seqLenQ * (128 + 2) * 4);
      }
    }
  });
});

describe('the reference of attention', () => {
  const q = Float64Array.of(1, 0, 0, 1, 1, 1);
  const k = Float64Array.of(1, 0, 0, 2);
  const v = Float64Array.of(10, 20);
  const problem = attentionProblem(3, 2, 2, { headDimV: 1, scale: 1 });
  const mean = (first: number, second: number): number =>
    (10 * Math.exp(first) + 20 * Math.exp(second)) / (Math.exp(first) + Math.exp(second));

  it('is a mean of the values, weighted by softmax of the scores', () => {
    const o = attentionReference(problem, q, k, v);
    for (const [i, expected] of [mean(1, 0), mean(0, 2), mean(1, 2)].entries())
      expect(o[i]).toBeCloseTo(expected, 12);
  });

  it('aligns the diagonal at the upper left or at the lower right', () => {
    const visible = (causal: 'upper-left' | 'lower-right', seqLenQ: number, seqLenKv: number): number[] =>
      Array.from({ length: seqLenQ }, (_, i) =>
        visibleKeys(attentionProblem(seqLenQ, seqLenKv, 1, { causal }), i),
      );
    expect(visible('upper-left', 3, 5)).toEqual([1, 2, 3]);
    expect(visible('lower-right', 3, 5)).toEqual([3, 4, 5]);
    expect(visible('upper-left', 4, 2)).toEqual([1, 2, 2, 2]);
    expect(visible('lower-right', 4, 2)).toEqual([0, 0, 1, 2]);
  });

  it('gives zeros where a query sees no key, and where every score is -Infinity', () => {
    expect(attentionReference({ ...problem, causal: 'lower-right' }, q, k, v)[0]).toBe(0);
    const minus = Float64Array.of(-Infinity, -Infinity, -Infinity, -Infinity);
    expect(attentionReference(problem, Float64Array.of(1, 1, 1, 1, 1, 1), minus, v)).toEqual(
      new Float64Array(3),
    );
  });

  it('keeps keys that a query does not see from having any influence', () => {
    const causal = { ...problem, causal: 'upper-left' } as const;
    const poisoned = attentionReference(causal, q, Float64Array.of(1, 0, NaN, NaN), Float64Array.of(10, NaN));
    expect([...poisoned]).toEqual([10, NaN, NaN]);
  });

  it('shares a head of keys and values among neighbouring heads of queries', () => {
    const grouped = attentionProblem(2, 3, 4, { heads: 4, kvHeads: 2 });
    const [gq, gk, gv] = attentionOperation.inputs(grouped).map((spec, i) => randomElements(spec, i + 1)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const repeat = (values: Float64Array): Float64Array =>
      Float64Array.from([0, 0, 1, 1].flatMap((head) => [...values.subarray(head * 12, (head + 1) * 12)]));
    const repeated = attentionReference({ ...grouped, kvHeads: 4 }, gq, repeat(gk), repeat(gv));
    expect(attentionReference(grouped, gq, gk, gv)).toEqual(repeated);
  });

  it('has a bound on errors that rounding explains: tight in f32, that of the result in f16', () => {
    for (const dtype of ['f32', 'f16'] as const) {
      const typical = attentionProblem(32, 256, 64, { dtype });
      const inputs = attentionOperation.inputs(typical).map((spec, i) => randomElements(spec, i + 1));
      const [expected] = attentionOperation.reference(typical, inputs);
      const [bound] = attentionOperation.errorBound(typical, inputs, [expected!]);
      const unit = roundingUnit(dtype);
      for (const [i, value] of expected!.entries()) {
        const ownRounding = unit * Math.abs(value);
        expect(bound![i]!).toBeGreaterThanOrEqual(ownRounding);
        // Values are of size 1: f32 carries the errors of 64 products and 256 summands, some 1e-4 in the worst case.
        expect(bound![i]! - ownRounding).toBeLessThan(1e-4);
      }
    }
  });
});

describe('attention refuses', async () => {
  const device = await openDevice({ backend: 'cpu' });
  const tensor = (...shape: number[]) =>
    device.tensor(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape);
  const q = tensor(1, 4, 3, 8);
  const kv = tensor(1, 2, 5, 8);

  it('heads that do not divide', () => {
    expect(() => attention(q, tensor(1, 3, 5, 8), tensor(1, 3, 5, 8))).toThrow(ShapeError);
    expect(() => attention(q, tensor(1, 3, 5, 8), tensor(1, 3, 5, 8))).toThrow(/multiple of .* got 4 and 3/);
    expect(() => attention(tensor(1, 2, 3, 8), tensor(1, 4, 5, 8), tensor(1, 4, 5, 8))).toThrow(
      /got 2 and 4/,
    );
  });

  it('operands that do not fit, naming the argument, what it got and what it expected', () => {
    expect(() => attention(q, tensor(1, 2, 5, 16), kv)).toThrow(
      /k must have shape \[1, 2, 5, 8\] to go with q \[1, 4, 3, 8\], got \[1, 2, 5, 16\]/,
    );
    expect(() => attention(q, tensor(2, 2, 5, 8), tensor(2, 2, 5, 8))).toThrow(
      /k must have shape \[1, 2, 5, 8\]/,
    );
    expect(() => attention(q, kv, tensor(1, 2, 6, 8))).toThrow(
      /v must have shape \[1, 2, 5, 8\] to go with k \[1, 2, 5, 8\], got \[1, 2, 6, 8\]/,
    );
    expect(() => attention(q, kv, tensor(1, 4, 5, 8))).toThrow(/v must have shape \[1, 2, 5, 8\]/);
    expect(() => attention(tensor(4, 3, 8), kv, kv)).toThrow(/q must have four axes .* got \[4, 3, 8\]/);
    expect(() => attention(q, kv, tensor(5, 8))).toThrow(/v must have four axes .* got \[5, 8\]/);
    expect(() => attention(tensor(1, 1, 2, 0), tensor(1, 1, 2, 0), tensor(1, 1, 2, 4))).toThrow(/headDim/);
  });

  it('data types that differ, or are no floating-point numbers', () => {
    const half = device.tensor(new Float32Array(80), [1, 2, 5, 8], 'f16');
    expect(() => attention(q, kv, half as never)).toThrow(DTypeError);
    expect(() => attention(q, kv, half as never)).toThrow(/got f32, f32, f16/);
    const integers = device.tensor(new Int32Array(80), [1, 2, 5, 8], 'i32') as never;
    expect(() => attention(integers, integers, integers)).toThrow(DTypeError);
  });

  it('a causal mask whose alignment is not said', () => {
    expect(() => attention(q, kv, kv, { causal: true })).toThrow(ArgumentError);
    expect(() => attention(q, kv, kv, { causal: true })).toThrow(/'upper-left' .* 'lower-right'/);
    expect(() => attention(q, kv, kv, { causal: 'middle' as never })).toThrow(/got "middle"/);
    expect(() => attention(q, kv, kv, { causal: 1 as never })).toThrow(ArgumentError);
  });

  it('a scale that is no number', () => {
    for (const scale of [NaN, Infinity, 3e38, '1'])
      expect(() => attention(q, kv, kv, { scale: scale as number })).toThrow(/scale must be a finite number/);
  });

  it('options that it does not have', () => {
    expect(() => attention(q, kv, kv, { isCausal: true } as never)).toThrow(
      /no option "isCausal"; it has causal, scale/,
    );
  });

  it('nothing else: empty tensors give empty tensors, no keys give zeros', async () => {
    expect(attention(tensor(0, 4, 3, 8), tensor(0, 2, 5, 8), tensor(0, 2, 5, 8)).shape).toEqual([0, 4, 3, 8]);
    expect(attention(tensor(1, 0, 3, 8), tensor(1, 0, 5, 8), tensor(1, 0, 5, 8)).shape).toEqual([1, 0, 3, 8]);
    const none = attention(q, tensor(1, 2, 0, 8), tensor(1, 2, 0, 6));
    expect(none.shape).toEqual([1, 4, 3, 6]);
    expect(await none.read()).toEqual(new Float32Array(72));
    const square = tensor(1, 2, 5, 8);
    expect(explain(attention, square, kv, kv, { causal: true }).problem).toMatchObject({
      causal: 'upper-left',
    });
  });
});
