import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../bench/exitCodes.ts';
import { estimateWorkloads } from '../../bench/commands/estimates.ts';
import type { Ceiling } from '../../bench/measure/ceilings.ts';
import { bindingCeiling } from '../../bench/measure/bindingCeiling.ts';
import { CostModel } from '../../bench/suites/affordable.ts';
import { runAffordable, type Labelled } from '../../bench/suites/affordableRows.ts';
import { allWorkloads, LLAMA_3_1_8B } from '../../bench/suites/index.ts';
import { modelShape } from '../../bench/commands/modelShape.ts';
import { halvings } from '../../bench/suites/workload.ts';
import { matmulProblem } from '../../src/kernels/matmul/problem.ts';
import type { Device } from '../../src/node.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

const caps = lavapipe as unknown as Capabilities;

describe('modelShape', () => {
  const llama = {
    model_type: 'llama',
    hidden_size: 4096,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
  };

  it('reads the config of Llama-3.1-8B', () => {
    expect(modelShape({ ...llama, _name_or_path: 'meta-llama/Llama-3.1-8B' }, 'config.json')).toEqual(
      LLAMA_3_1_8B,
    );
  });

  it('reads GPT-2, whose fields have other names', () => {
    const gpt2 = { model_type: 'gpt2', n_embd: 768, n_head: 12, n_inner: null, vocab_size: 50257 };
    expect(modelShape(gpt2, 'config.json')).toEqual({
      name: 'gpt2',
      hidden: 768,
      heads: 12,
      kvHeads: 12,
      headDim: 64,
      feedForward: 3072,
      vocabulary: 50257,
      gated: false,
    });
  });

  it('looks into text_config, and takes a head_dim that differs from hidden / heads', () => {
    const config = {
      model_type: 'gemma3',
      text_config: { ...llama, head_dim: 256, num_key_value_heads: null },
    };
    expect(modelShape(config, 'folder/gemma.json')).toMatchObject({
      headDim: 256,
      kvHeads: 32,
      name: 'gemma',
    });
  });

  it('takes the size of an expert, and needs not know how many are active', () => {
    const config = { ...llama, num_experts: 128, intermediate_size: 6144, moe_intermediate_size: 768 };
    expect(modelShape(config, 'config.json').feedForward).toBe(768);
  });

  it.each([
    ['hidden_size', undefined, /config\.json: the field "hidden_size" or "n_embd" is missing/],
    ['num_attention_heads', undefined, /"num_attention_heads" or "n_head" is missing/],
    [
      'intermediate_size',
      undefined,
      /"intermediate_size" or "n_inner" or "ffn_dim" or "ffn_hidden_size" is missing/,
    ],
    ['vocab_size', undefined, /"vocab_size" is missing/],
    ['hidden_size', '4096', /"hidden_size" must be a number, got "4096"/],
    ['hidden_size', -4, /"hidden_size" must be at least 1, got -4/],
    ['vocab_size', 1.5, /"vocab_size" must be a whole number, got 1\.5/],
    ['num_attention_heads', 33, /33 heads do not divide a hidden size of 4096/],
    ['num_key_value_heads', 5, /32 heads cannot share 5 key and value heads/],
  ])('refuses %s = %s', (field, value, message) => {
    const config = { ...llama, [field]: value };
    expect(() => modelShape(config, 'config.json')).toThrow(UsageError);
    expect(() => modelShape(config, 'config.json')).toThrow(message);
  });

  it('names nested fields with their path', () => {
    const config = { text_config: { ...llama, vocab_size: undefined } };
    expect(() => modelShape(config, 'c.json')).toThrow(
      'c.json: the field "text_config.vocab_size" is missing',
    );
  });

  it.each([[null], [[]], ['text'], [3]])('refuses %j', (json) => {
    expect(() => modelShape(json, 'c.json')).toThrow('expected the object of a Hugging Face config.json');
  });
});

describe('workloads', () => {
  const workloads = allWorkloads(LLAMA_3_1_8B, true, 'default');
  const shapes = workloads.map(
    (workload) => `${workload.op} ${workload.label} ${workload.shapeText(workload.problems[0])}`,
  );

  it('are the shapes of the model', () => {
    expect(shapes).toEqual(
      expect.arrayContaining([
        'matmul decode q/o 1 x 4096 x 4096',
        'matmul decode k/v 1 x 1024 x 4096',
        'matmul decode gate/up 1 x 14336 x 4096',
        'matmul decode down 1 x 4096 x 14336',
        'matmul decode lm head 1 x 128256 x 4096',
        'matmul prefill gate/up 512 x 14336 x 4096',
        'attention prefill, causal 32/8 heads, 2048 x 2048, 128',
        'attention decode 32/8 heads, 1 x 4096, 128',
        'softmax logits 64 x 128256',
      ]),
    );
  });

  it('are told apart by what they are called', () => {
    const full = allWorkloads(LLAMA_3_1_8B, true, 'full');
    const names = full.map(
      (workload) =>
        `${workload.op} ${workload.label} ${workload.operation.dtype(workload.problems[0])} ` +
        workload.shapeText(workload.problems[0]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('become smaller from problem to problem', () => {
    for (const { operation, problems } of workloads) {
      const bytes = problems.map((problem) => operation.bytes(problem));
      for (let i = 1; i < bytes.length; i++) expect(bytes[i]!).toBeLessThan(bytes[i - 1]!);
    }
  });

  it('are in f32, and one of integers, where the adapter has no half precision', () => {
    const dtypes = allWorkloads(LLAMA_3_1_8B, false, 'full').map(({ operation, problems }) =>
      operation.dtype(problems[0]),
    );
    expect(new Set(dtypes)).toEqual(new Set(['f32', 'i8']));
    expect(dtypes.filter((dtype) => dtype === 'i8')).toHaveLength(1);
  });

  it('get estimates at the shapes that are meant, datasheet only where nothing was measured', () => {
    const { rows, notices } = estimateWorkloads({ workloads, providers: ['aws'] });
    expect(rows.length).toBeGreaterThan(100);
    expect(new Set(rows.map(({ basis }) => basis))).toEqual(new Set(['datasheet only']));
    expect(new Set(rows.map(({ workload }) => workload)).size).toBeGreaterThanOrEqual(7);
    expect(notices).toContain('Every row is datasheet only.');
  });
});

describe('halvings', () => {
  it('end at the smallest, and are never empty', () => {
    expect(halvings(512, 100)).toEqual([512, 256, 128]);
    expect(halvings(3, 4)).toEqual([3]);
    assert(
      property(integer({ min: 1, max: 1e6 }), integer({ min: 1, max: 1000 }), (largest, smallest) => {
        const sizes = halvings(largest, smallest);
        expect(sizes[0]).toBe(largest);
        expect(sizes.slice(1).every((size) => size >= smallest)).toBe(true);
      }),
    );
  });
});

const ceiling = (kind: Ceiling['kind'], perSecond: number, workingSetBytes = 0): Ceiling => ({
  kind,
  name: `${kind} ${workingSetBytes}`,
  kernel: '',
  config: {},
  perSecond: { median: perSecond, low: perSecond, high: perSecond, n: 10, samples: [] },
  workingSetBytes,
  check: { passed: true, maxError: 0, tolerance: 0, method: '' },
});

const ceilings = [
  ceiling('copy', 100e9, 1 << 20),
  ceiling('copy', 10e9, 1 << 28),
  ceiling('read', 200e9, 1 << 24),
  ceiling('f32', 50e9),
  ceiling('subgroupMatrix', 400e9),
  ceiling('integerSubgroupMatrix', 800e9),
  ceiling('subgroupMatrix', 200e9),
  ceiling('write', 40e9, 1 << 24),
];

describe('bindingCeiling', () => {
  it('is the one that takes longest: memory at its working set, or the fastest arithmetic of its kind', () => {
    const streamed = { flops: 1e6, bytes: 1e9, writtenBytes: 5e8, arithmetic: 'f32' } as const;
    expect(bindingCeiling(ceilings, streamed)).toMatchObject({ ceiling: ceilings[1], idealNs: 1e8 });
    const cached = { flops: 1e3, bytes: 1e6, writtenBytes: 5e5, arithmetic: 'f32' } as const;
    expect(bindingCeiling(ceilings, cached)).toMatchObject({ ceiling: ceilings[0], idealNs: 1e4 });
    const read = { ...streamed, writtenBytes: 1e6 };
    expect(bindingCeiling(ceilings, read)).toMatchObject({ ceiling: ceilings[2], idealNs: 5e6 });
    const written = { ...streamed, writtenBytes: 9.9e8 };
    expect(bindingCeiling(ceilings, written)).toMatchObject({ ceiling: ceilings[7], idealNs: 2.5e7 });
    const dense = { flops: 1e10, bytes: 1e6, writtenBytes: 5e5, arithmetic: 'f32' } as const;
    expect(bindingCeiling(ceilings, dense)).toMatchObject({ ceiling: ceilings[3], idealNs: 2e8 });
    expect(bindingCeiling(ceilings, { ...dense, arithmetic: 'subgroupMatrix' })).toMatchObject({
      ceiling: ceilings[4],
      idealNs: 2.5e7,
    });
    expect(bindingCeiling(ceilings, { ...dense, arithmetic: 'integerSubgroupMatrix' })).toMatchObject({
      ceiling: ceilings[5],
      idealNs: 1.25e7,
    });
  });

  it('takes the bandwidth between two working sets from both', () => {
    const bytes = 2 ** 24;
    const between = { flops: 0, bytes, writtenBytes: bytes / 2, arithmetic: 'f32' } as const;
    // Half way on a logarithmic scale between 100 and 10 GB/s.
    const { idealNs } = bindingCeiling(ceilings, between)!;
    expect(idealNs).toBeCloseTo((bytes / Math.sqrt(100e9 * 10e9)) * 1e9, 6);
  });

  it('is unknown where nothing was measured', () => {
    expect(bindingCeiling([], { flops: 1, bytes: 1, writtenBytes: 1, arithmetic: 'f32' })).toBeUndefined();
  });
});

describe('CostModel', () => {
  const workload = allWorkloads(LLAMA_3_1_8B, true, 'quick').find(({ label }) => label === 'square')!;
  const problem = workload.problems.at(-2);

  const msOf = (costs: CostModel, samples = 5): number => {
    const cost = costs.cost(workload, problem, samples);
    return 'ms' in cost ? cost.ms : NaN;
  };

  it('grows with the samples, and learns from what was measured', () => {
    const costs = new CostModel(ceilings, caps, 1e7);
    const before = msOf(costs);
    expect(msOf(costs, 20)).toBeGreaterThan(before);
    costs.learn(workload, problem, 10);
    expect(msOf(costs)).toBeLessThan(before);
    costs.learn(workload, problem, 10e9);
    expect(msOf(costs)).toBeGreaterThan(50_000);
  });

  it('takes shapes of a class that was not measured to fare as the worst of their operation', () => {
    const costs = new CostModel(ceilings, caps, 1e7);
    const classOf = (at: unknown): string => workload.operation.shapeClass(at);
    const smallest = workload.problems.at(-1);
    const other = workload.problems.find((at) => classOf(at) !== classOf(smallest))!;
    const cost = (): number => (costs.cost(workload, other, 5) as { ms: number }).ms;
    const before = cost();
    costs.learn(workload, smallest, 10);
    expect(cost()).toBeLessThan(before / 2);
  });

  it('expects rows to take longer when they do, and forgets it when none is run any more', () => {
    const costs = new CostModel(ceilings, caps, 1e7);
    const before = msOf(costs);
    costs.correct(100, 900);
    expect(msOf(costs)).toBeCloseTo(3 * before);
    for (let i = 0; i < 10; i++) costs.relax();
    expect(msOf(costs)).toBeCloseTo(before);
  });

  it('says what the adapter cannot hold', () => {
    const head = allWorkloads(LLAMA_3_1_8B, true, 'quick').find(({ label }) => label === 'decode lm head')!;
    const costs = new CostModel(ceilings, caps, 1e7);
    expect(costs.cost(head, head.problems[0], 5)).toEqual({
      impossible: expect.stringMatching(/takes 1050673152 bytes; this adapter binds 134217728 at most/),
    });
  });
});

describe('runAffordable', () => {
  // The first of a family is run whatever it takes; here its result is wrong, so that it has no time.
  const squares = [64, 4096, 256].map((size) => ({
    ...allWorkloads(LLAMA_3_1_8B, false, 'quick').find(({ label }) => label === 'square')!,
    label: `square ${size}`,
    problems: [matmulProblem(size, size, size)],
  }));
  const whereOthersTake = (ns: number): ReturnType<typeof runAffordable<Labelled>> =>
    runAffordable(
      { capabilities: caps } as Device,
      squares,
      { ceilings, deadlineMs: performance.now() + 60_000, maxCheckSteps: 1e6, fewestRuns: 5 },
      async ({ op, label }) => ({
        row: { op, label, dtype: 'f32' },
        timeNs: label === 'square 64' ? undefined : ns,
      }),
    );
  const labels = (rows: readonly Labelled[]): string[] => rows.map(({ label }) => label);

  it('runs at last what seemed too slow at first, when others of its kind turned out to be fast', async () => {
    const { rows, leftOut } = await whereOthersTake(1);
    expect(labels(rows)).toEqual(['square 64', 'square 4096', 'square 256']);
    expect(leftOut).toEqual([]);
  });

  it('leaves out what still seems too slow', async () => {
    const { rows, leftOut } = await whereOthersTake(1e9);
    expect(labels(rows)).toEqual(['square 64', 'square 256']);
    expect(leftOut).toEqual([
      expect.objectContaining({ label: 'square 4096', reason: expect.stringMatching(/would take about/) }),
    ]);
  });
});
