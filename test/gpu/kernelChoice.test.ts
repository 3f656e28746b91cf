// Options `kernel` and `config`: every operation that runs a kernel honours them, or says why it cannot.
import { beforeAll, describe, expect, it } from 'vitest';
import * as tilewise from '../../src/node.ts';
import { testDevice } from './support/device.ts';

let device: tilewise.GpuDevice;
let x: tilewise.Tensor<'f32'>;
let four: tilewise.Tensor<'f32'>;
let cache: tilewise.KeyValueCache;
beforeAll(async () => {
  device = await testDevice();
  x = device.tensor(new Float32Array(16).fill(1), [4, 4]);
  four = x.reshape([1, 1, 4, 4]);
  cache = new tilewise.KeyValueCache(device, { kvHeads: 1, headDim: 4, batch: 1, capacity: 4 });
});

type Options = Pick<tilewise.KernelChoice, 'kernel' | 'config'>;

const CALLS: Readonly<Record<string, (options: Options) => unknown>> = {
  matmul: (options) => tilewise.matmul(x, x, options),
  attention: (options) => tilewise.attention(four, four, four, options),
  sum: (options) => tilewise.sum(x, options),
  softmax: (options) => tilewise.softmax(x, options),
  layerNorm: (options) => tilewise.layerNorm(x, options),
  cumsum: (options) => tilewise.cumsum(x, options),
  sort: (options) => tilewise.sort(x, options),
  topK: (options) => tilewise.topK(x, 2, options),
  histogram: (options) => tilewise.histogram(x, { bins: 4, range: [0, 1], ...options }),
  gate: (options) => tilewise.gate(x, x, options),
  sample: (options) => tilewise.sample(x, options),
  'sample at temperature 0': (options) => tilewise.sample(x, { temperature: 0, ...options }),
  'sample of few': (options) => tilewise.sample(x, { topK: 2, ...options }),
  writeCache: (options) => tilewise.writeCache(cache, four, four, options),
  prepack: (options) => tilewise.prepack(x, options),
};

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  it('refuses a kernel that there is not, and a config without a kernel', () => {
    expect(() => call({ kernel: 'no/such' })).toThrow(/has no kernel "no\/such"; it has/);
    expect(() => call({ config: { tileM: 8 } })).toThrow('a config is for one kernel');
  });
});

it.each([
  ['sample', 'sample/row', (options: Options) => tilewise.explain(tilewise.sample, x, options)],
  [
    'writeCache',
    'writeRows/move',
    (options: Options) => tilewise.explain(tilewise.writeCache, cache, four, four, options),
  ],
  ['prepack', 'convert/strided', (options: Options) => tilewise.explain(tilewise.prepack, x, options)],
])('%s runs the kernel that was asked for, with its config', (_, kernel, explained) => {
  const { space } = explained({}).candidates.find((candidate) => candidate.kernel === kernel)!;
  const config = Object.fromEntries(Object.entries(space).map(([name, values]) => [name, values[0]!]));
  expect(explained({ kernel, config })).toMatchObject({
    kernel,
    config,
    reason: 'asked for by the caller',
  });
});

it('what runs no kernel has no such option', async () => {
  const weights = { device, data: new Float32Array(32).fill(1), shape: [1, 32] };
  const options = { format: 'int8', kernel: 'matmul/naive' } as const;
  await expect(tilewise.quantize(weights, options as tilewise.QuantizeOptions)).rejects.toThrow(
    'quantize has no option "kernel"; it has format, blockSize, zeroPoints, scaleType',
  );
});
