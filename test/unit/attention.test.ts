import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import { attention, ArgumentError, DTypeError, explain, openDevice, ShapeError } from '../../src/index.ts';
import { attentionProblem, CAUSAL } from '../../src/kernels/attention/cases.ts';
import { attentionOracle } from '../../src/kernels/attention/oracle.ts';
import { attentionBackwardOperation } from '../../src/kernels/attentionBackward/index.ts';
import { attentionOperation } from '../../src/kernels/checked.ts';
import { roundingUnit } from '../../src/kernels/rounding.ts';
import { select } from '../../src/ops/select.ts';
import { keyRange, type AttentionProblem } from '../../src/reference/attention.ts';
import { attentionReference, sequenceOf } from '../../src/reference/attentionReference.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import nvidiaH100 from '../fixtures/capabilities/nvidiaH100.json' with { type: 'json' };
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
const large = withLimits(false, 1024, 49_152);
// What Dawn allows of a buffer on NVIDIA.
const nvidia: Capabilities = {
  ...large,
  limits: { ...large.limits, maxStorageBufferBindingSize: 2 ** 31 - 4 },
};
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
    reach: fc.constantFrom({}, CAUSAL['upper-left'], CAUSAL['lower-right'], { left: 7, right: 3 }),
    sinks: fc.boolean(),
    logSumExp: fc.boolean(),
  })
  .map(({ groupSize, reach, ...rest }): AttentionProblem => ({
    ...rest,
    ...reach,
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
        // flashMatrix where tensor cores are hardware.
        expect(chosen(attentionProblem(512, 512, headDim, { dtype }), caps)).toMatch(/attention\/flash/);
        expect(chosen(attentionProblem(1, 4096, headDim, { dtype }), caps)).toBe('attention/decode');
      }
    }
  });
});

describe('choosing a kernel of attention', () => {
  it('takes decode for heads that are too large for the registers of flash, as of latent attention', () => {
    for (const seqLenQ of [1, 128]) {
      for (const dtype of ['f32', 'f16'] as const) {
        const problem = attentionProblem(seqLenQ, 512, 576, { headDimV: 512, heads: 16, dtype });
        expect(chosen(problem, software)).toBe('attention/decode');
        expect(chosen(problem, nvidia)).toBe('attention/decode');
      }
    }
  });

  it('takes tensor cores for half precision and many queries on an H100, for all heads up to 256', () => {
    const h100 = nvidiaH100 as unknown as Capabilities;
    for (const headDim of [32, 40, 64, 80, 96, 128, 160, 192, 256]) {
      const problem = attentionProblem(512, 512, headDim, { dtype: 'f16' });
      expect(chosen(problem, h100)).toBe('attention/flashMatrix');
      expect(chosen({ ...problem, dtype: 'f32' }, h100)).toBe('attention/flash');
      expect(chosen({ ...problem, seqLenQ: 1 }, h100)).toBe('attention/decode');
    }
    expect(chosen(attentionProblem(512, 512, 192, { headDimV: 128, dtype: 'f16' }), h100)).toBe(
      'attention/flashMatrix',
    );
    expect(chosen(attentionProblem(512, 512, 64, { dtype: 'f16' }), software)).toBe('attention/flash');
  });

  it('says why the fast ones cannot run', () => {
    const why = (problem: AttentionProblem): string =>
      select(attentionOperation, problem, nvidia)
        .passedOver.map((passed) => passed.why)
        .join();
    expect(why(attentionProblem(512, 512, 59))).toMatch(/59 elements/);
    expect(why(attentionProblem(512, 512, 576, { headDimV: 1024 }))).toMatch(
      /at most 256 elements, these have 576 and 1024/,
    );
    expect(why(attentionProblem(512, 512, 576, { headDimV: 1024 }))).toMatch(
      /at most 576 elements, these have 576 and 1024/,
    );
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
        expect(scratch(131_072)).toBeLessThanOrEqual(64 * 32 * seqLenQ * (128 + 4) * 4);
      }
    }
  });
  it('needs scratch that grows with the queries, not with queries times keys, backwards too', () => {
    for (const kernel of [...attentionOperation.kernels, ...attentionBackwardOperation.kernels]) {
      const scratch = (seqLenQ: number, seqLenKv: number): number => {
        const problem = attentionProblem(seqLenQ, seqLenKv, 64, { heads: 4, dtype: 'f16' });
        if (kernel.supports(problem, nvidia) !== true) return 0;
        const { scratchBytes } = kernel.plan(problem, kernel.heuristic(problem, nvidia), nvidia);
        return scratchBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0);
      };
      expect(scratch(1024, 131_072), kernel.name).toBe(scratch(1024, 65_536));
      expect(scratch(2048, 65_536), kernel.name).toBeLessThanOrEqual(2 * scratch(1024, 65_536));
    }
  });
});

describe('the storage buffers of attention', () => {
  /** Everything that takes a buffer, in every combination that the public operations have. */
  const crowds: fc.Arbitrary<AttentionProblem> = fc
    .record({
      seqLenQ: fc.constantFrom(1, 40),
      mask: fc.boolean(),
      alibi: fc.constantFrom(undefined, 'heads' as const, 'batch' as const),
      sinks: fc.boolean(),
      storage: fc.constantFrom<Partial<AttentionProblem>[]>(
        {},
        { lengths: true },
        { layout: 'packed', tokens: { q: 50, kv: 70 } },
        { lengths: true, cache: { kind: 'ring' } },
        { lengths: true, cache: { kind: 'paged', blocks: 16, blockSize: 16 } },
        { lengths: true, cache: { kind: 'paged', blocks: 16, blockSize: 16 }, quantised: true },
      ),
      logSumExp: fc.boolean(),
    })
    .map(({ seqLenQ, mask, storage, logSumExp, ...rest }) =>
      attentionProblem(seqLenQ, 64, 64, {
        batch: 2,
        heads: 4,
        kvHeads: 2,
        ...rest,
        ...storage,
        ...(mask && !storage.tokens && storage.cache?.kind !== 'ring'
          ? { mask: { kind: 'additive', dtype: 'f32', shape: [1, 1, seqLenQ, 64] } }
          : {}),
        ...(logSumExp && !storage.cache && { logSumExp }),
      }),
    );
  const atMost = (count: number): Capabilities => ({
    ...software,
    limits: { ...software.limits, maxStorageBuffersPerShaderStage: count },
  });

  it.each([...attentionOperation.kernels, ...attentionBackwardOperation.kernels])(
    'of $name are at most the 8 that every adapter has',
    (kernel) => {
      fc.assert(
        fc.property(crowds, (drawn) => {
          const backward = kernel.name.startsWith('attentionBackward');
          const problem = backward ? { ...drawn, cache: undefined, logSumExp: undefined } : drawn;
          if (kernel.supports(problem, atMost(8)) !== true || (backward && problem.quantised)) return;
          const plan = (caps: Capabilities) => kernel.plan(problem, kernel.heuristic(problem, caps), caps);
          for (const { bindings } of plan(atMost(8)).passes) expect(bindings.length).toBeLessThanOrEqual(8);
          // Adapters that can bind them all copy nothing.
          expect(plan(atMost(16)).passes.map(({ label }) => label)).not.toContain('common/copyWords');
        }),
      );
    },
  );
});

describe('the reference of attention', () => {
  const q = Float64Array.of(1, 0, 0, 1, 1, 1);
  const k = Float64Array.of(1, 0, 0, 2);
  const v = Float64Array.of(10, 20);
  const problem = attentionProblem(3, 2, 2, { headDimV: 1, scale: 1 });
  const mean = (first: number, second: number): number =>
    (10 * Math.exp(first) + 20 * Math.exp(second)) / (Math.exp(first) + Math.exp(second));

  it('is a mean of the values, weighted by softmax of the scores', () => {
    const o = attentionReference(problem, [q, k, v])[0]!;
    for (const [i, expected] of [mean(1, 0), mean(0, 2), mean(1, 2)].entries())
      expect(o[i]).toBeCloseTo(expected, 12);
  });

  it('aligns the diagonal at the upper left or at the lower right', () => {
    const visible = (causal: 'upper-left' | 'lower-right', seqLenQ: number, seqLenKv: number): number[] =>
      Array.from({ length: seqLenQ }, (_, i) => {
        const problem = attentionProblem(seqLenQ, seqLenKv, 1, CAUSAL[causal]);
        return keyRange(problem, sequenceOf(problem, {}, 0), i).end;
      });
    expect(visible('upper-left', 3, 5)).toEqual([1, 2, 3]);
    expect(visible('lower-right', 3, 5)).toEqual([3, 4, 5]);
    expect(visible('upper-left', 4, 2)).toEqual([1, 2, 2, 2]);
    expect(visible('lower-right', 4, 2)).toEqual([0, 0, 1, 2]);
  });

  it('gives zeros where a query sees no key, and where every score is -Infinity', () => {
    expect(attentionReference({ ...problem, ...CAUSAL['lower-right'] }, [q, k, v])[0]![0]).toBe(0);
    const minus = Float64Array.of(-Infinity, -Infinity, -Infinity, -Infinity);
    expect(attentionReference(problem, [Float64Array.of(1, 1, 1, 1, 1, 1), minus, v])).toEqual([
      new Float64Array(3),
    ]);
  });

  it('keeps keys that a query does not see from having any influence', () => {
    const causal = { ...problem, ...CAUSAL['upper-left'] } as const;
    const poison = [q, Float64Array.of(1, 0, NaN, NaN), Float64Array.of(10, NaN)];
    expect([...attentionReference(causal, poison)[0]!]).toEqual([10, NaN, NaN]);
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
    const repeated = attentionReference({ ...grouped, kvHeads: 4 }, [gq, repeat(gk), repeat(gv)]);
    expect(attentionReference(grouped, [gq, gk, gv])).toEqual(repeated);
  });

  it('has a bound on errors that rounding explains, of f32 or of f16', () => {
    for (const dtype of ['f32', 'f16'] as const) {
      const typical = attentionProblem(8, 256, 64, { dtype });
      const inputs = attentionOperation.inputs(typical).map((spec, i) => randomElements(spec, i + 1));
      const [expected] = attentionOperation.reference(typical, inputs);
      const [bound] = attentionOperation.errorBound(typical, inputs, [expected!]);
      const unit = roundingUnit(dtype);
      for (const [i, value] of expected!.entries()) {
        const ownRounding = unit * Math.abs(value);
        expect(bound![i]!).toBeGreaterThanOrEqual(ownRounding);
        // Values are of size 1: f32 carries the errors of 64 products and 256 summands, some 1e-4 in the worst case; f16 those of
        // weights that are rounded too.
        expect(bound![i]! - ownRounding).toBeLessThan(dtype === 'f32' ? 1e-4 : 6 * unit);
      }
    }
  });
});

describe('the reference of attention with features', () => {
  const q = Float64Array.of(1, 2);
  const k = Float64Array.of(1, 0, 3);
  const v = Float64Array.of(10, 20, 40);
  const base = attentionProblem(2, 3, 1, { scale: 1 });
  const weighted = (scores: readonly number[], sink = -Infinity): number => {
    const total = scores.reduce((sum, score) => sum + Math.exp(score), Math.exp(sink));
    return scores.reduce((sum, score, j) => sum + (Math.exp(score) / total) * v[j]!, 0);
  };
  const none = -Infinity;

  it.each([
    [
      'softcap before the mask',
      { softcap: 2 },
      [],
      [
        [1, 0, 3],
        [2, 0, 6],
      ].map((row) => row.map((s) => 2 * Math.tanh(s / 2))),
    ],
    [
      'an additive mask',
      { mask: { kind: 'additive', dtype: 'f32', shape: [1, 1, 1, 3] } },
      [[0.5, -2, -Infinity]],
      [
        [1.5, -2, none],
        [2.5, -2, none],
      ],
    ],
    [
      'a boolean mask',
      { mask: { kind: 'boolean', dtype: 'u32', shape: [1, 1, 2, 1] } },
      [[1, 0]],
      [
        [1, 0, 3],
        [none, none, none],
      ],
    ],
    [
      'a mask that ends before the keys do',
      { mask: { kind: 'additive', dtype: 'f32', shape: [1, 1, 1, 2] } },
      [[0.5, -2]],
      [
        [1.5, -2, none],
        [2.5, -2, none],
      ],
    ],
    [
      'a mask that ends before the keys do, whose number still says where the queries stand',
      {
        mask: { kind: 'boolean', dtype: 'u32', shape: [1, 1, 1, 2] },
        right: 0,
        alignment: 'lower-right',
      },
      [[1, 1]],
      [
        [1, 0, none],
        [2, 0, none],
      ],
    ],
    [
      'ALiBi',
      { alibi: 'heads', alignment: 1 },
      [[0.25]],
      [
        [0.75, 0, 2.75],
        [1.5, -0.25, 6],
      ],
    ],
    [
      'a window',
      { left: 0, right: 1 },
      [],
      [
        [1, 0, none],
        [none, 0, 6],
      ],
    ],
    [
      'a window from the end',
      { left: 1, right: 0, alignment: 'lower-right' },
      [],
      [
        [1, 0, none],
        [none, 0, 6],
      ],
    ],
    [
      'lengths',
      { lengths: true },
      [[1]],
      [
        [1, none, none],
        [2, none, none],
      ],
    ],
  ] as const)('knows %s', (_, options, inputs, scores) => {
    const problem = { ...base, ...options, logSumExp: true } as AttentionProblem;
    const extras = inputs.map((values) => Float64Array.from(values));
    const [o, lse] = attentionReference(problem, [q, k, v, ...extras]);
    for (const [i, row] of scores.entries()) {
      const hidden = row.every((score) => score === none);
      expect(o![i]).toBeCloseTo(hidden ? 0 : weighted(row), 12);
      const total = row.reduce((sum: number, score) => sum + Math.exp(score), 0);
      expect(lse![i]).toBeCloseTo(Math.log(total), 12);
    }
  });

  it('lets a sink take its share', () => {
    const [o, lse] = attentionReference({ ...base, sinks: true, logSumExp: true }, [
      q,
      k,
      v,
      Float64Array.of(1.5),
    ]);
    expect(o![0]).toBeCloseTo(weighted([1, 0, 3], 1.5), 12);
    expect(lse![0]).toBeCloseTo(Math.log(Math.E + 1 + Math.exp(3) + Math.exp(1.5)), 12);
  });
});

describe('the bound on attention', () => {
  it('holds where scores are nothing but rounding: logSumExp is off by more than weights are numbers for', () => {
    const [keys, headDim, scale] = [40, 16, 1e13];
    const problem = { ...attentionProblem(1, keys, headDim, { logSumExp: true }), scale };
    for (let seed = 1; seed <= 20; seed++) {
      const inputs = [1, keys, keys].map((rows, i) =>
        randomElements({ shape: [rows * headDim], dtype: 'f32' }, 10 * seed + i),
      );
      const [q, k] = inputs as [Float64Array, Float64Array];
      // Each half takes the other's product away.
      q.copyWithin(headDim / 2, 0, headDim / 2);
      for (let at = 0; at < k.length; at++) if (at % headDim >= headDim / 2) k[at] = -k[at - headDim / 2]!;
      const [o, lse] = attentionReference(problem, inputs);
      // What f32 makes of the scores, the largest of which is all there is of their sum.
      let largest = -Infinity;
      for (let key = 0; key < keys; key++) {
        let product = 0;
        for (let d = 0; d < headDim; d++)
          product = Math.fround(product + Math.fround(q[d]! * k[headDim * key + d]!));
        largest = Math.max(largest, Math.fround(product * scale));
      }
      const [ofOutput, ofSum] = attentionOracle.errorBound(problem, inputs, [o!, lse!]);
      expect(Math.abs(largest - lse![0]!)).toBeLessThanOrEqual(ofSum![0]!);
      expect(ofSum![0]!).toBeLessThan(1e-3 * scale);
      expect(ofOutput!.every(Number.isFinite)).toBe(true);
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
    expect(() => attention(q, tensor(1, 3, 5, 8), tensor(1, 3, 5, 8))).toThrow(
      expect.objectContaining({ name: 'ShapeError', details: { argument: 'q', heads: 4, kvHeads: 3 } }),
    );
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

  it('an alignment that is missing, or contradicts what is said elsewhere', () => {
    const slopes = tensor(4);
    for (const options of [{ window: { left: 1 } }, { window: { right: 1 } }, { alibiSlopes: slopes }])
      expect(() => attention(q, kv, kv, options)).toThrow(/alignment must say at which key a query stands/);
    expect(() => attention(q, kv, kv, { causal: 'upper-left', alignment: 2 })).toThrow(/contradict/);
    expect(() => attention(q, kv, kv, { causal: 'upper-left', window: { right: 2 } })).toThrow(
      /window.right 2/,
    );
    for (const alignment of [0.5, NaN, 2 ** 30, 'left'])
      expect(() => attention(q, kv, kv, { causal: true, alignment: alignment as number })).toThrow(
        ArgumentError,
      );
    for (const left of [-1, 0.5, NaN])
      expect(() => attention(q, kv, kv, { alignment: 0, window: { left } })).toThrow(/window.left must be/);
  });

  it('a mask, slopes, sinks or lengths that do not fit', () => {
    expect(() => attention(q, kv, kv, { mask: tensor(3, 6) })).toThrow(
      /mask must broadcast to .*, \[1, 4, 3, 5\], of which the last may be less, got \[3, 6\]/,
    );
    expect(() => attention(q, kv, kv, { mask: tensor(2, 5) })).toThrow(/mask must broadcast/);
    expect(() => attention(q, kv, kv, { mask: tensor(3, 0) })).toThrow(/mask must broadcast/);
    expect(() => attention(q, kv, kv, { mask: tensor(1, 1, 4, 3, 5) })).toThrow(ShapeError);
    const integers = device.tensor(new Int32Array(15), [3, 5], 'i32') as never;
    expect(() => attention(q, kv, kv, { mask: integers })).toThrow(/mask must be f32 or f16 or u32, got i32/);
    expect(() => attention(q, kv, kv, { alignment: 0, alibiSlopes: tensor(2) })).toThrow(
      /alibiSlopes must have shape \[4\] or \[1, 4\] .*, got \[2\]/,
    );
    expect(() => attention(q, kv, kv, { sinks: tensor(2) })).toThrow(
      /sinks must have shape \[4\] .*, got \[2\]/,
    );
    for (const lengths of [[6], [-1], [1.5], [1, 1], []])
      expect(() => attention(q, kv, kv, { lengths })).toThrow(
        /lengths(\[0\])? must be (1 integers|an integer) from 0 to 5/,
      );
    expect(() => attention(q, kv, kv, { lengths: tensor(1) as never })).toThrow(
      /lengths must be u32, got f32/,
    );
  });

  it('offsets that run backwards, or end elsewhere than the rows', () => {
    const packed = tensor(7, 2, 8);
    const refuses = (offsetsQ: number[], offsetsKv?: number[]) =>
      expect(() => attention(packed, packed, packed, { offsetsQ, offsetsKv }));
    refuses([0, 4, 3, 7]).toThrow(/offsetsQ must ascend from 0 to 7, the rows of q, got 3 at 2/);
    refuses([0, 4, 8]).toThrow(/offsetsQ must ascend from 0 to 7, the rows of q, got 8 at 2/);
    refuses([1, 7]).toThrow(/got 1 at 0/);
    refuses([]).toThrow(/got 0 of at least 1 numbers/);
    refuses(tensor(2) as never).toThrow(/offsetsQ must be numbers on the host.* got a tensor/);
    refuses([0, 7], [0, 2.5, 7]).toThrow(/offsetsKv must ascend from 0 to 7, the rows of k, got 2.5 at 1/);
    refuses([0, 7], [0, 3, 7]).toThrow(/as many numbers as offsetsQ, 2, got 3/);
    expect(() => attention(packed, packed, packed, { offsetsKv: [0, 7] })).toThrow(/not offsetsQ/);
    expect(() => attention(packed, packed, packed, { offsetsQ: [0, 7], lengths: [7] })).toThrow(
      /lengths cannot go/,
    );
    expect(() => attention(q, kv, kv, { offsetsQ: [0, 1] })).toThrow(/q must have three axes/);
  });

  it('a softcap that is not positive, and a layout that it does not know', () => {
    for (const softcap of [0, -1, NaN, Infinity, 1e-60])
      expect(() => attention(q, kv, kv, { softcap })).toThrow(/softcap must be a positive number/);
    expect(() => attention(q, kv, kv, { layout: 'bdhs' as never })).toThrow(
      /layout must be "bhsd" or "bshd"/,
    );
  });

  it('a scale that is no number', () => {
    for (const scale of [NaN, Infinity, 3e38, '1'])
      expect(() => attention(q, kv, kv, { scale: scale as number })).toThrow(/scale must be a finite number/);
  });

  it('options that it does not have', () => {
    expect(() => attention(q, kv, kv, { isCausal: true } as never)).toThrow(
      /no option "isCausal"; it has causal, alignment, window, scale/,
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
      right: 0,
    });
  });
});
