// What a caller in plain JavaScript may pass by mistake: every operation answers with an error of the library's own.
import { beforeAll, describe, expect, it } from 'vitest';
import * as tilewise from '../../src/index.ts';

type Operation = (...args: unknown[]) => unknown;
const operations = Object.entries(tilewise).filter(
  (entry): entry is [string, Operation] =>
    typeof entry[1] === 'function' && /^[a-z]/.test(entry[0]) && entry[0] !== 'openDevice',
);

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const nested: unknown[] = [];
nested.push(nested);
/** Of every kind that there is: what has no text and no JSON too. */
const kinds: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['number', 5],
  ['NaN', Number.NaN],
  ['string', 'x'],
  ['bigint', 10n],
  ['symbol', Symbol('s')],
  ['function', (): number => 1],
  ['object', {}],
  ['object without a prototype', Object.create(null)],
  ['object that has itself', circular],
  ['array', [1, 2]],
  ['array of bigints', [1n]],
  ['array that has itself', nested],
  ['buffer', new ArrayBuffer(8)],
  ['array of 64 bits', new BigInt64Array(2)],
];

let x: tilewise.Tensor;
beforeAll(async () => {
  const device = await tilewise.openDevice({ backend: 'cpu' });
  x = device.tensor(new Float32Array(16), [4, 4]);
});

describe.each(operations)('%s', (_, operation) => {
  it.each(kinds)('takes no %s for a tensor, nor for options', async (_, bad) => {
    for (const args of [[bad], [bad, x, x, x], [x, bad, bad, bad], [x, x, x, bad]]) {
      try {
        await operation(...args);
      } catch (error) {
        expect(error).toBeInstanceOf(tilewise.TilewiseError);
      }
    }
    // The first argument is a tensor, a device or a function in each of them.
    await expect((async () => operation(bad))()).rejects.toBeInstanceOf(tilewise.TilewiseError);
  });
});

describe('what operations take besides tensors', () => {
  const options = { kvHeads: 1, headDim: 4, batch: 1, capacity: 4 };
  const weights = { shape: [1, 32], format: 'int8', blockSize: 32, data: new Uint8Array(32), scales: [1] };
  const bad: Record<string, (device: tilewise.CpuDevice, four: tilewise.Tensor<'f32'>) => unknown> = {
    'a number for a flag of matmul': () => tilewise.matmul(f32(), f32(), { transposeB: 1 as never }),
    'a list for a flag of matmul': () => tilewise.matmul(f32(), f32(), { gated: [0] as never }),
    'a number for a config': () => tilewise.sum(x, { config: 3 as never }),
    'no number in a config': () =>
      tilewise.sum(x, { kernel: 'reduction/column', config: { split: undefined as never } }),
    'a word in a config': () =>
      tilewise.sum(x, { kernel: 'reduction/row', config: { split: 'two' as never } }),
    'a word for keepDims': () => tilewise.sum(x, { keepDims: 'no' as never }),
    'a number for interleaved': (_, four) =>
      tilewise.rotary(four, { cos: f32(), sin: f32(), interleaved: 1 as never }),
    'words for the limits of clip': () =>
      tilewise.gate(f32(), f32(), { activation: 'clip', limits: ['0', '1'] as never }),
    'a number for a window': (_, four) => tilewise.attention(four, four, four, { window: 3 as never }),
    'a misspelt side of a window': (_, four) =>
      tilewise.attention(four, four, four, { window: { lft: 3 } as never }),
    'zero for lengths': (_, four) => tilewise.attention(four, four, four, { lengths: 0 as never }),
    'no cache to write to': (_, four) => tilewise.writeCache(null as never, four, four, {}),
    'a list for a cache to read': (_, four) =>
      tilewise.attentionWithCache(four, [] as never, { lengths: [1] }),
    'no device for a cache': () => new tilewise.KeyValueCache(null as never, options),
    'no device for weights': () => tilewise.quantizedTensor(undefined as never, weights as never),
    'codes of 16 bits': (device) =>
      tilewise.quantizedTensor(device, { ...weights, data: new Uint16Array(32) } as never),
    'no scales': (device) => tilewise.quantizedTensor(device, { ...weights, scales: null } as never),
  };
  const f32 = (): tilewise.Tensor<'f32'> => x as tilewise.Tensor<'f32'>;

  it.each(Object.entries(bad))('is refused: %s', (_, call) => {
    const device = x.device as tilewise.CpuDevice;
    const four = device.tensor(new Float32Array(16), [1, 1, 4, 4]);
    expect(() => call(device, four)).toThrow(tilewise.ArgumentError);
  });
});

describe.each(kinds)('a device and a tensor, given %s', (kind, bad) => {
  it('refuse it in every place, or take it for what it is', async () => {
    const device = x.device as tilewise.CpuDevice;
    const call = device as unknown as Record<string, Operation>;
    const method = x as unknown as Record<string, Operation>;
    const calls = [
      ...['tensor', 'empty'].flatMap((name) => [
        () => call[name]!(bad),
        () => call[name]!([1, 2], bad),
        () => call[name]!(name === 'tensor' ? [1, 2] : [2], name === 'tensor' ? [2] : bad, bad),
      ]),
      () => call['capture']!(bad),
      () => call['time']!(bad),
      () => method['write']!(bad),
      () => method['reshape']!(bad),
      () => method['slice']!(bad, 0, 1),
      () => method['slice']!(0, bad, 1),
      () => method['slice']!(0, 0, bad),
      () => method['transpose']!(0, bad),
      ...['kernel', 'config', 'axes'].map((name) => () => tilewise.sum(x, { [name]: bad })),
      ...['combine', 'identity', 'map'].map(
        (name) => () => tilewise.reduce(x, { combine: 'a + b', identity: '0.0', [name]: bad }),
      ),
      () => tilewise.histogram(x, { bins: 4, range: [bad, bad] as never }),
    ];
    for (const [index, attempt] of calls.entries()) {
      try {
        await attempt();
      } catch (error) {
        expect(error, `${kind}, call ${index}`).toBeInstanceOf(tilewise.TilewiseError);
      }
    }
  });
});

it('numbers that are none are no data of a tensor', () => {
  const device = x.device as tilewise.CpuDevice;
  expect(() => device.tensor(['1', '2'] as never, [2])).toThrow(
    'tensor data must be numbers, got "1" at index 0',
  );
  expect(() => device.tensor([1, undefined, 3] as never, [3])).toThrow('got undefined at index 1');
  expect(() => device.tensor([true] as never, [1])).toThrow('got true at index 0');
});
