import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import {
  attention,
  attentionWithCache,
  KeyValueCache,
  openDevice,
  rotary,
  writeCache,
  type CpuDevice,
  type GpuDevice,
  type KeyValueCacheOptions,
  type Tensor,
} from '../../src/node.ts';
import { testDevice } from './support/device.ts';

const [BATCH, HEADS, KV_HEADS, DIM] = [2, 4, 2, 32];
/** Tokens that come at once: a prompt, then one after the other. */
const STEPS = [9, 1, 1, 2, 1];
const TOTAL = STEPS.reduce((sum, count) => sum + count, 0);
/** Two sequences, whose blocks lie in no order; the third block of the second is not used. */
const BLOCK_TABLE = [3, 0, 5, 1, 2, 4, 7, 6];

const KINDS: readonly (readonly [name: string, options: Partial<KeyValueCacheOptions>])[] = [
  ['linear', { kind: 'linear', batch: BATCH, capacity: 20 }],
  ['ring', { kind: 'ring', batch: BATCH, capacity: 8 }],
  ['paged', { kind: 'paged', blocks: 8, blockSize: 4 }],
];

type AnyDevice = GpuDevice | CpuDevice;

/** [batch, tokens, heads, headDim], tokens `first` and on of the same whole. */
function tokens(device: AnyDevice, seed: number, heads: number, first: number, count: number): Tensor<'f32'> {
  const whole = randomElements({ shape: [BATCH, TOTAL, heads, DIM], dtype: 'f32' }, seed);
  const row = heads * DIM;
  const parts = Array.from({ length: BATCH }, (_, b) =>
    whole.subarray((b * TOTAL + first) * row, (b * TOTAL + first + count) * row),
  );
  return device.tensor(
    parts.flatMap((part) => [...part]),
    [BATCH, count, heads, DIM],
  );
}

function tables(device: AnyDevice): { cos: Tensor<'f32'>; sin: Tensor<'f32'> } {
  const of = (f: (x: number) => number) =>
    device.tensor(
      Array.from({ length: TOTAL * (DIM / 2) }, (_, i) => {
        const position = Math.floor(i / (DIM / 2));
        return f(position * 10_000 ** -((i % (DIM / 2)) / (DIM / 2)));
      }),
      [TOTAL, DIM / 2],
    );
  return { cos: of(Math.cos), sin: of(Math.sin) };
}

/** Results of all steps, with a cache that is written and read step by step. */
async function stepByStep(
  device: AnyDevice,
  options: Partial<KeyValueCacheOptions>,
): Promise<Float32Array[]> {
  const cache = new KeyValueCache(device, { kvHeads: KV_HEADS, headDim: DIM, ...options });
  const blockTable = options.kind === 'paged' ? BLOCK_TABLE : undefined;
  const angles = tables(device);
  const results: Float32Array[] = [];
  let first = 0;
  for (const count of STEPS) {
    const positions = [first, first];
    const [k, v] = [tokens(device, 2, KV_HEADS, first, count), tokens(device, 3, KV_HEADS, first, count)];
    writeCache(cache, k, v, { positions, blockTable, rotary: angles, layout: 'bshd' });
    const q = rotary(tokens(device, 1, HEADS, first, count), angles, { positions, layout: 'bshd' });
    first += count;
    // A ring of 8 has lost what the first of the prompt's queries would see: a window keeps every step comparable.
    const o = attentionWithCache(q, cache, {
      lengths: [first, first],
      blockTable,
      causal: true,
      layout: 'bshd',
      window: { left: 5 },
    });
    results.push(await o.read());
  }
  cache.dispose();
  return results;
}

/** The same with all tokens at once, and no cache. */
async function atOnce(device: AnyDevice): Promise<Float32Array> {
  const angles = tables(device);
  const [q, k] = [
    rotary(tokens(device, 1, HEADS, 0, TOTAL), angles, { layout: 'bshd' }),
    tokens(device, 2, KV_HEADS, 0, TOTAL),
  ];
  const v = tokens(device, 3, KV_HEADS, 0, TOTAL);
  const rotated = rotary(k, angles, { layout: 'bshd' });
  return attention(q, rotated, v, { causal: true, layout: 'bshd', window: { left: 5 } }).read();
}

describe('a key/value cache', () => {
  let gpu: GpuDevice;
  let cpu: CpuDevice;
  beforeAll(async () => {
    gpu = await testDevice();
    cpu = await openDevice({ backend: 'cpu' });
  });

  it.each(KINDS)('gives, %s, what attention gives without', async (name, options) => {
    const whole = await atOnce(cpu);
    for (const device of [cpu, gpu]) {
      let first = 0;
      for (const [step, result] of (await stepByStep(device, options)).entries()) {
        const count = STEPS[step]!;
        // The prompt is longer than the ring: its first tokens are gone when its last are written.
        const lost = name === 'ring' && step === 0 ? count - 8 + 5 : 0;
        for (const [index, value] of result.entries()) {
          const [b, i] = [
            Math.floor(index / (count * HEADS * DIM)),
            Math.floor(index / (HEADS * DIM)) % count,
          ];
          if (i < lost) continue;
          const expected = whole[(b * TOTAL + first + i) * HEADS * DIM + (index % (HEADS * DIM))]!;
          expect(value).toBeCloseTo(expected, 5);
        }
        first += count;
      }
    }
  });

  it.each(KINDS)(
    'quantised, %s, is the same on GPU and CPU, and near to what was written',
    async (_, options) => {
      const [exact, expected, got] = [
        await stepByStep(cpu, options),
        await stepByStep(cpu, { ...options, quantised: true }),
        await stepByStep(gpu, { ...options, quantised: true }),
      ];
      for (const [step, result] of got.entries()) {
        for (const [index, value] of result.entries()) {
          expect(value).toBeCloseTo(expected[step]![index]!, 3);
          // An element is off by half of a 127th of the largest of its block.
          expect(Math.abs(value - exact[step]![index]!)).toBeLessThan(0.1);
        }
      }
    },
  );

  it('records into a graph', async () => {
    const cache = new KeyValueCache(gpu, { batch: 1, capacity: 4, kvHeads: 1, headDim: 8 });
    const k = gpu.tensor(new Float32Array(8).fill(1), [1, 1, 1, 8]);
    const v = gpu.tensor(new Float32Array(8).fill(2), [1, 1, 1, 8]);
    const positions = gpu.tensor([0], [1], 'u32');
    const lengths = gpu.tensor([1], [1], 'u32');
    const graph = gpu.capture(() => {
      writeCache(cache, k, v, { positions });
      return attentionWithCache(k, cache, { lengths });
    });
    graph.replay();
    expect(await graph.result.read()).toEqual(new Float32Array(8).fill(2));
    v.write(new Float32Array(8).fill(4));
    positions.write([1]);
    lengths.write([2]);
    graph.replay();
    expect(await graph.result.read()).toEqual(new Float32Array(8).fill(3));
    graph.dispose();
  });
});
