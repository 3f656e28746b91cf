import { describe, expect, it } from 'vitest';
import { ArgumentError, UnsupportedError } from '../../src/errors.ts';
import { defineKernel, type Operation } from '../../src/kernels/define.ts';
import { planKernels } from '../../src/kernelPlans.ts';
import { explain } from '../../src/ops/explain.ts';
import { gate } from '../../src/ops/gate.ts';
import { select } from '../../src/ops/select.ts';
import type { Capabilities } from '../../src/runtime/capabilities.ts';
import { candidatesChecksum } from '../../src/tuning/checksum.ts';
import { consultant } from '../../src/tuning/consult.ts';
import { gpuKey, type RecordBook, type TuningRecord } from '../../src/tuning/records.ts';
import lavapipe from '../fixtures/capabilities/lavapipe.json' with { type: 'json' };

const caps = lavapipe as unknown as Capabilities;
interface Problem {
  readonly n: number;
}

const kernel = (name: string, minimum: number, text = name) =>
  defineKernel<Problem, { tile: number }>({
    name,
    parts: [{ path: `${name}.wgsl`, code: text }],
    space: { tile: [8, 16, 32] },
    supports: ({ n }) => n >= minimum || `n = ${n} is below ${minimum}`,
    legal: ({ tile }, { n }) => tile <= n,
    heuristic: () => ({ tile: 8 }),
    plan: () => ({ passes: [], scratchBytes: [] }),
  });
const fast = kernel('op/fast', 64);
const plain = kernel('op/plain', 8);
const operation = {
  name: 'op',
  kernels: [fast, plain],
  inputs: () => [],
  outputs: () => [],
  dtype: () => 'f32',
  shapeClass: ({ n }: Problem) => (n < 100 ? 'small' : 'large'),
} as unknown as Operation<Problem>;

const record = (change: Partial<TuningRecord> = {}): TuningRecord => ({
  op: 'op',
  dtype: 'f32',
  shapeClass: 'large',
  gpu: gpuKey(caps.adapter),
  software: true,
  driver: caps.adapter.description,
  boundsChecked: false,
  problem: '128',
  checksum: candidatesChecksum(operation),
  measuredAt: '2026-11-20T10:00:00.000Z',
  candidateCount: 6,
  outcomes: [],
  untuned: { kernel: 'op/fast', config: { tile: 8 } },
  ranking: [{ kernel: 'op/plain', config: { tile: 16 } }],
  ...change,
});

const book = (...records: TuningRecord[]): RecordBook => ({ source: 'a file', records });

describe('select', () => {
  it('takes the first kernel that supports the problem, and says why others were passed over', () => {
    expect(select(operation, { n: 64 }, caps)).toMatchObject({
      kernel: fast,
      config: { tile: 8 },
      passedOver: [],
    });
    expect(select(operation, { n: 32 }, caps)).toMatchObject({
      kernel: plain,
      passedOver: [{ kernel: 'op/fast', why: 'n = 32 is below 64' }],
    });
    expect(() => select(operation, { n: 1 }, caps)).toThrow(UnsupportedError);
  });

  it('prefers what a tuned record of this GPU, type and class of shapes prefers, and names it', () => {
    const untuned = select(operation, { n: 128 }, caps);
    expect(untuned).toMatchObject({ kernel: fast, tuning: undefined });
    const chosen = select(operation, { n: 128 }, caps, {}, consultant([book(record())]));
    expect(chosen).toMatchObject({ kernel: plain, config: { tile: 16 }, tuning: { state: 'used' } });
    expect(chosen.reason).toBe('tuned: the record of 128, 2026-11-20 (a file)');
  });

  it.each([
    ['another GPU', record({ gpu: 'nvidia/nvidia-h200' })],
    ['another data type', record({ dtype: 'f16' })],
    ['another class', record({ shapeClass: 'small' })],
  ])('has nothing to say of a record of %s', (_, other) => {
    const chosen = select(operation, { n: 128 }, caps, {}, consultant([book(other)]));
    expect(chosen).toMatchObject({ kernel: fast, tuning: undefined });
  });

  it('leaves it to explain() to say that there is none, unless the caller chose', async () => {
    await planKernels(caps, (device) => {
      const x = device.input([8]);
      expect(explain(gate, x, x)).toMatchObject({
        tuning: {
          state: 'none',
          text: `there is no record of gate, f32, any on ${gpuKey(caps.adapter)}`,
        },
        flops: 16,
        bytes: 96,
      });
      expect(explain(gate, x, x, { kernel: 'gate/elementwise' }).tuning).toBeUndefined();
      return gate(x, x);
    });
  });

  const edited = { kernels: [fast, kernel('op/plain', 8, 'edited')] };
  it.each([
    [
      'kernels one of which has changed',
      record({ checksum: candidatesChecksum(edited) }),
      'stale',
      'kernels have changed since; `npx tilewise tune op` makes a new one',
    ],
    [
      'configs that are not legal here',
      record({ ranking: [{ kernel: 'op/plain', config: { tile: 1024 } }] }),
      'unsuitable',
      'nothing that the record of 128',
    ],
  ])('ignores a record of %s, and says so', (_, useless, state, text) => {
    const chosen = select(operation, { n: 128 }, caps, {}, consultant([book(useless)]));
    expect(chosen).toMatchObject({ kernel: fast, tuning: { state } });
    expect(chosen.tuning?.text).toContain(text);
  });

  it('takes the next of a ranking where the first is not legal, and the next book where one is of no use', () => {
    const ranking = [
      { kernel: 'op/plain', config: { tile: 1024 } },
      { kernel: 'op/removed', config: { tile: 8 } },
      { kernel: 'op/fast', config: { tile: 32 } },
    ];
    expect(select(operation, { n: 128 }, caps, {}, consultant([book(record({ ranking }))]))).toMatchObject({
      kernel: fast,
      config: { tile: 32 },
    });
    const stale = book(record({ checksum: '0' }));
    expect(select(operation, { n: 128 }, caps, {}, consultant([stale, book(record())]))).toMatchObject({
      kernel: plain,
    });
  });

  it('does not take a record for stale because of comments or white space', () => {
    const code = 'fn f() {\n  let x = 1u; // one\n}';
    const stripped = 'fn f() {\nlet x = 1u;\n}';
    const checksum = (text: string): string => candidatesChecksum({ kernels: [kernel('op/plain', 8, text)] });
    expect(checksum(code)).toBe(checksum(stripped));
    expect(checksum(code)).not.toBe(checksum(code.replace('1u', '2u')));
  });

  it('says where a record was made with another driver', () => {
    const chosen = select(
      operation,
      { n: 128 },
      caps,
      {},
      consultant([book(record({ driver: 'Mesa 1.0' }))]),
    );
    expect(chosen.tuning?.text).toContain('made with another driver (Mesa 1.0)');
  });

  it('obeys the caller before everything else, and completes the config', () => {
    const chosen = select(
      operation,
      { n: 128 },
      caps,
      { kernel: 'op/plain', config: { tile: 32 } },
      consultant([book(record())]),
    );
    expect(chosen).toMatchObject({ kernel: plain, config: { tile: 32 }, reason: 'asked for by the caller' });
  });

  it('refuses what the caller asked for if it cannot be done', () => {
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/none' })).toThrow(
      /has no kernel "op\/none"; it has op\/fast, op\/plain/,
    );
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/fast' })).toThrow(/n = 8 is below 64/);
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/plain', config: { tile: 16 } })).toThrow(
      UnsupportedError,
    );
    expect(() => select(operation, { n: 8 }, caps, { kernel: 'op/plain', config: { tiles: 8 } })).toThrow(
      /no tuning parameter "tiles"/,
    );
    expect(() => select(operation, { n: 8 }, caps, { config: { tile: 8 } })).toThrow(ArgumentError);
  });
});
