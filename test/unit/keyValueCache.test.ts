import { describe, expect, it } from 'vitest';
import {
  ArgumentError,
  attentionWithCache,
  DTypeError,
  explain,
  KeyValueCache,
  openDevice,
  rotary,
  ShapeError,
  writeCache,
} from '../../src/index.ts';

const device = await openDevice({ backend: 'cpu' });
const foreign = await openDevice({ backend: 'cpu' });
const tensor = (...shape: number[]) =>
  device.tensor(new Float32Array(shape.reduce((count, size) => count * size, 1)), shape);
const sizes = { kvHeads: 2, headDim: 8 } as const;

describe('KeyValueCache refuses', () => {
  it('sizes that are missing or no positive integers, and kinds that it does not know', () => {
    expect(() => new KeyValueCache(device, sizes)).toThrow(
      /batch must be an integer from 1 to \d+, got undefined/,
    );
    expect(() => new KeyValueCache(device, { ...sizes, kind: 'paged', blocks: 3 })).toThrow(
      /blockSize must be/,
    );
    expect(() => new KeyValueCache(device, { ...sizes, batch: 1, capacity: 0 })).toThrow(
      /capacity must be .* got 0/,
    );
    expect(() => new KeyValueCache(device, { ...sizes, kind: 'tree' as never })).toThrow(/got "tree"/);
    expect(() => new KeyValueCache(device, { ...sizes, size: 1 } as never)).toThrow(/no option "size"/);
  });

  it('rows that cannot be quantised in whole blocks', () => {
    const options = { ...sizes, batch: 1, capacity: 4, quantised: true };
    expect(() => new KeyValueCache(device, options)).toThrow(/multiple of 32 elements, got headDim 8/);
  });
});

describe('writeCache and attentionWithCache refuse', () => {
  const cache = new KeyValueCache(device, { ...sizes, batch: 1, capacity: 6 });
  const paged = new KeyValueCache(device, { ...sizes, kind: 'paged', blocks: 3, blockSize: 2 });
  const kv = tensor(1, 2, 3, 8);
  const q = tensor(1, 4, 3, 8);

  it('tokens that do not fit the cache, naming the argument', () => {
    expect(() => writeCache(cache, tensor(1, 3, 3, 8), kv)).toThrow(/k must have heads 2, got 3/);
    expect(() => writeCache(cache, kv, tensor(1, 2, 3, 4))).toThrow(/v must have headDim 8, got 4/);
    expect(() => writeCache(cache, kv, tensor(1, 2, 2, 8))).toThrow(ShapeError);
    expect(() => writeCache(cache, device.tensor(new Float32Array(48), [1, 2, 3, 8], 'f16'), kv)).toThrow(
      DTypeError,
    );
    expect(() => writeCache(cache, tensor(2, 2, 3, 8), tensor(2, 2, 3, 8))).toThrow(/batch 1, got 2/);
    const tables = { cos: foreign.tensor([1, 1], [1, 2]), sin: foreign.tensor([0, 0], [1, 2]) };
    expect(() => writeCache(cache, kv, kv, { rotary: tables })).toThrow(/^writeCache: the tensors live/);
    expect(() => writeCache(cache, kv, kv, { positions: [4] })).toThrow(
      /positions\[\d\] must be an integer from 0 to 3/,
    );
  });

  it('a table of blocks that is missing, not asked for, or points outside the cache', () => {
    expect(() => writeCache(paged, kv, kv)).toThrow(/a paged cache needs a blockTable/);
    expect(() => writeCache(cache, kv, kv, { blockTable: [0] })).toThrow(/a linear cache has no blockTable/);
    expect(() => writeCache(paged, kv, kv, { blockTable: [0, 3] })).toThrow(
      /blockTable\[\d\] must be an integer from 0 to 2/,
    );
    expect(() => attentionWithCache(q, paged, { lengths: [3], blockTable: [0, -1] })).toThrow(
      /blockTable\[\d\] must be/,
    );
    expect(() => attentionWithCache(q, paged, { lengths: [3], blockTable: [] })).toThrow(ShapeError);
    // Three tokens from position 2 on need three blocks of two.
    expect(() => writeCache(paged, kv, kv, { blockTable: [0, 1], positions: [2] })).toThrow(
      /from 0 to 1, got 2/,
    );
  });

  it('queries and lengths that do not fit the cache', () => {
    expect(() => attentionWithCache(tensor(1, 4, 3, 16), cache, { lengths: [3] })).toThrow(
      /q must have headDim 8/,
    );
    expect(() => attentionWithCache(tensor(2, 4, 3, 8), cache, { lengths: [3, 3] })).toThrow(
      /and 1 sequences/,
    );
    expect(() => attentionWithCache(tensor(1, 3, 3, 8), cache, { lengths: [3] })).toThrow(
      /multiple of .* got 3 and 2/,
    );
    expect(() => attentionWithCache(q, cache, { lengths: [7] })).toThrow(
      /lengths\[\d\] must be an integer from 0 to 6/,
    );
    expect(() => attentionWithCache(q, cache, { lengths: [3], offsetsQ: [0] } as never)).toThrow(/no option/);
    const ring = new KeyValueCache(device, { ...sizes, kind: 'ring', batch: 1, capacity: 6 });
    expect(() => attentionWithCache(q, ring, { lengths: [3], mask: tensor(6) })).toThrow(ArgumentError);
  });

  it('nothing else: queries stand at the end unless something else is said', () => {
    const alignment = (options: object) =>
      (explain(attentionWithCache, q, cache, { lengths: [3], ...options }).problem as { alignment: unknown })
        .alignment;
    expect(alignment({ causal: true })).toBe('lower-right');
    expect(alignment({ causal: 'upper-left' })).toBe(0);
    expect(alignment({ causal: true, alignment: 2 })).toBe(2);
  });
});

describe('rotary', () => {
  const cos = device.tensor([1, 0, -1, 0.5], [2, 2]);
  const sin = device.tensor([0, 1, 0, 0.25], [2, 2]);

  it('rotates halves or neighbours, and leaves the rest of a row', async () => {
    const x = device.tensor([1, 2, 3, 4, 5, 1, 2, 3, 4, 5], [1, 1, 2, 5]);
    expect([...(await rotary(x, { cos, sin }).read())]).toEqual([1, -4, 3, 2, 5, -1, 0, -3, 2.5, 5]);
    expect([...(await rotary(x, { cos, sin, interleaved: true }).read())]).toEqual([
      1, 2, -4, 3, 5, -1, -2, 0.5, 2.75, 5,
    ]);
  });

  it('refuses tables, positions and tokens that do not fit', () => {
    const x = tensor(1, 1, 2, 5);
    expect(() => rotary(tensor(1, 1, 2, 3), { cos, sin })).toThrow(
      /at most headDim \/ 2, 1.5, pairs, got \[2, 2\]/,
    );
    expect(() => rotary(x, { cos, sin: tensor(2, 1) })).toThrow(ShapeError);
    expect(() => rotary(x, { cos, sin: device.tensor([0], [1], 'i32') as never })).toThrow(
      /sin must be f32, got i32/,
    );
    expect(() => rotary(x, { cos, sin }, { positions: [2] })).toThrow(
      /positions\[\d\] must be an integer from 0 to 1/,
    );
    expect(() => rotary(tensor(2, 5), { cos, sin })).toThrow(/x must have four axes/);
    const elsewhere = { cos, sin: foreign.tensor([0, 1, 0, 0.25], [2, 2]) };
    expect(() => rotary(x, elsewhere)).toThrow(/^rotary: the tensors live on different devices/);
    expect(() => rotary(x, { cos, sin }, { layout: 'packed' as never })).toThrow(/layout must be/);
  });
});
