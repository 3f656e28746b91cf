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

/** What has no properties of its own is taken for no options. */
const EMPTY = new Set(['object', 'object without a prototype', 'buffer']);

describe.each(kinds.filter(([kind]) => kind !== 'undefined'))('what waits, given %s', (kind, bad) => {
  it('refuses it, but for an object without options', async () => {
    const device = x.device as tilewise.CpuDevice;
    const graph = device.capture(() => tilewise.sum(x));
    const calls: Record<string, () => unknown> = {
      read: () => x.read(bad as never),
      'read, a signal': () => x.read({ signal: bad as never }),
      'read, a flag': () => x.read({ float16: bad as never }),
      finished: () => device.finished(bad as never),
      'finished, a signal': () => device.finished({ signal: bad as never }),
      replay: () => graph.replay(bad as never),
      time: () => device.time(graph, bad as never),
      writeFrom: () => tilewise.writeFrom(x, new Blob([new Uint8Array(64)]), bad as never),
      openDevice: () => tilewise.openDevice(bad as never),
      'openDevice, a backend': () => tilewise.openDevice({ backend: bad as never }),
      'openDevice, a gpuDevice': () => tilewise.openDevice({ backend: 'cpu', gpuDevice: bad as never }),
      'openDevice, checked': () => tilewise.openDevice({ backend: 'cpu', checked: bad as never }),
      ...(kind !== 'string' && {
        'openDevice, an adapter': () => tilewise.openDevice({ backend: 'cpu', adapter: bad as never }),
      }),
      ...(kind !== 'function' && {
        'openDevice, onWarning': () => tilewise.openDevice({ backend: 'cpu', onWarning: bad as never }),
      }),
    };
    for (const [name, call] of Object.entries(calls)) {
      const outcome = (async () => call())();
      const fine = name === 'replay' || name === 'time' ? bad === 5 : EMPTY.has(kind) && !name.includes(',');
      // Without WebGPU here, opening a device by its defaults is an error too.
      if (fine && name !== 'openDevice') await outcome;
      else await expect(outcome, name).rejects.toBeInstanceOf(tilewise.TilewiseError);
    }
    // Takes nothing, and so minds nothing.
    expect((device.flush as (given: unknown) => void).call(device, bad)).toBeUndefined();
  });
});

it('what was allowed is in the details of a refusal as a list', () => {
  const allowed = (call: () => unknown): unknown => {
    try {
      call();
    } catch (error) {
      return (error as tilewise.TilewiseError).details['expected'];
    }
    return undefined;
  };
  const f32 = x as tilewise.Tensor<'f32'>;
  expect(allowed(() => tilewise.scan(x, { op: 'x' as never }))).toEqual(['sum', 'prod', 'max', 'min']);
  expect(allowed(() => tilewise.segmentReduce(x, [0, 4], { op: 'x' as never }))).toContain('mean');
  expect(allowed(() => tilewise.sum(x, { keepDims: 1 as never }))).toEqual([true, false]);
  expect(allowed(() => tilewise.histogram(x, { bins: 0, range: [0, 1] }))).toEqual([1, 2 ** 32 - 1]);
  expect(allowed(() => tilewise.topK(x, 9))).toEqual([0, 4]);
  expect(allowed(() => tilewise.sample(f32, { seed: 1, topP: 2 }))).toEqual([0, 1]);
  expect(allowed(() => tilewise.gate(f32, f32, { activation: 'x' as never }))).toContain('relu');
});

it('numbers that are none are no data of a tensor', () => {
  const device = x.device as tilewise.CpuDevice;
  expect(() => device.tensor(['1', '2'] as never, [2])).toThrow(
    'tensor data must be numbers, got "1" at index 0',
  );
  expect(() => device.tensor([1, undefined, 3] as never, [3])).toThrow('got undefined at index 1');
  expect(() => device.tensor([true] as never, [1])).toThrow('got true at index 0');
});

it('a tensor that is too large for the host is an error of the library', () => {
  const device = x.device as tilewise.CpuDevice;
  expect(() => device.empty([1e6, 1e6])).toThrow(
    expect.objectContaining({
      name: 'OutOfMemoryError',
      message: 'f32 [1000000, 1000000] needs 4000000000000 bytes in one array, more than there are',
    }) as Error,
  );
});

it('what explain() cannot explain is in its refusal', () => {
  expect(() => tilewise.explain(tilewise.sum(x) as never)).toThrow('as in explain(matmul, a, b), got Tensor');
});
