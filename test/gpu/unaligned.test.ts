// Rows of odd lengths, of which every other begins between two words or within a vector; and views that begin anywhere in their tensor.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  cumsum,
  layerNorm,
  logSumExp,
  max,
  openDevice,
  segmentReduce,
  softmax,
  sort,
  sum,
  topK,
  type Device,
  type Tensor,
} from '../../src/node.ts';
import { smallestNormal } from '../../src/kernels/rounding.ts';
import { testDevice } from './support/device.ts';

let device: Device;
let cpu: Device;
beforeAll(async () => {
  device = await testDevice();
  cpu = await openDevice({ backend: 'cpu' });
});

type Float = Tensor<'f32' | 'f16'>;
/** Kernels are those of a GPU. */
type Operation = (x: Float, kernel: string | undefined) => Tensor;

/** Rounding of a mean that is taken off, in deviations: it does not get smaller with the result. */
const OF_MEAN = 2 ** -22;

const OPERATIONS: readonly (readonly [kernel: string, what: string, run: Operation])[] = [
  ['reduction/row', 'sums', (x, kernel) => sum(x, { axes: 1, kernel })],
  ['reduction/row', 'maxima', (x, kernel) => max(x, { axes: 1, kernel })],
  ['reduction/row', 'logSumExp of all', (x, kernel) => logSumExp(x, { kernel })],
  ['reduction/column', 'sums of columns', (x, kernel) => sum(x, { axes: 0, kernel })],
  ['softmax/row', 'softmax', (x, kernel) => softmax(x, { kernel })],
  ['softmax/split', 'softmax', (x, kernel) => softmax(x, { kernel })],
  ['softmax/online', 'softmax', (x, kernel) => softmax(x, { kernel })],
  ['softmax/column', 'softmax of columns', (x, kernel) => softmax(x, { axis: 0, kernel })],
  ['norm/row', 'layerNorm', (x, kernel) => layerNorm(x, { kernel })],
  ['scan/tiles', 'running sums', (x, kernel) => cumsum(x, { kernel })],
  ['scan/lookback', 'running sums', (x, kernel) => cumsum(x, { kernel })],
  ['scan/tiles', 'running sums of columns', (x, kernel) => cumsum(x, { axis: 0, kernel })],
  ['sort/bitonic', 'a sort', (x, kernel) => sort(x, { kernel }).values],
  ['sort/radix', 'the order of a sort', (x, kernel) => sort(x, { kernel }).indices],
  ['sort/select', 'the five largest', (x, kernel) => topK(x, 5, { kernel }).indices],
  [
    'segmentReduce/groups',
    'sums of segments',
    (x, kernel) => segmentReduce(x, [0, 1, x.shape[0]!], { kernel }),
  ],
];

const SHAPE = [5, 1031];
/** Small whole numbers, of which sums are exact. */
const NUMBERS = Float32Array.from({ length: 5 * 1031 }, (_, i) => ((i * 7919) % 17) - 8);

const VIEWS: Readonly<Record<string, (x: Float) => Float>> = {
  'all of it': (x) => x,
  'all but the first row': (x) => x.slice(0, 1, 5),
  'columns from the third on': (x) => x.slice(1, 3, 1030),
};

describe.each(['f32', 'f16'] as const)('rows of %s that begin anywhere', (dtype) => {
  describe.each(Object.keys(VIEWS))('%s', (view) => {
    it.each(OPERATIONS)('%s: %s', async (kernel, _what, run) => {
      if (dtype === 'f16' && !('capabilities' in device && device.capabilities.f16)) return;
      const of = (on: Device): Float => VIEWS[view]!(on.tensor(NUMBERS, SHAPE, dtype));
      const got = await run(of(device), kernel).read();
      const want = await run(of(cpu), undefined).read();
      expect(got.length).toBe(want.length);
      // A unit in the last place of f16 for results of that, a few roundings for those of f32; smaller ones may be flushed.
      const unit = dtype === 'f16' ? 2 ** -10 : 2 ** -18;
      const atLeast = kernel === 'norm/row' ? OF_MEAN : smallestNormal(dtype);
      const wrong = want.findIndex((value: number, i: number) => {
        const allowed = Number.isInteger(value) ? 0 : unit * Math.abs(value);
        return !(Math.abs(got[i]! - value) <= allowed + atLeast);
      });
      expect(wrong < 0 ? 'all are right' : `${wrong}: ${got[wrong]}, not ${want[wrong]}`).toBe(
        'all are right',
      );
    });
  });
});
