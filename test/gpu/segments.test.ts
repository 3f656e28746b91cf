import { beforeAll, describe, expect, it } from 'vitest';
import { openDevice, segmentReduce, segmentScan, type Device, type Tensor } from '../../src/node.ts';
import { testDevice } from './support/device.ts';

describe.each(['webgpu', 'cpu'] as const)('segments on the %s backend', (backend) => {
  let device: Device;
  beforeAll(async () => {
    device = backend === 'cpu' ? await openDevice({ backend }) : await testDevice();
  });
  const read = async (tensor: Tensor): Promise<number[]> => [...(await tensor.read())];
  const OFFSETS = [0, 2, 2, 5];

  it('are reduced along the first axis', async () => {
    const x = device.tensor([1, 2, 3, 4, 5], [5]);
    expect(await read(segmentReduce(x, OFFSETS))).toEqual([3, 0, 12]);
    expect(await read(segmentReduce(x, OFFSETS, { op: 'mean' }))).toEqual([1.5, NaN, 4]);
    expect(await read(segmentReduce(x, Uint32Array.from(OFFSETS), { op: 'max' }))).toEqual([2, -Infinity, 5]);
    const rows = device.tensor([1, 10, 2, 20, 3, 30], [3, 2], 'i32');
    const sums = segmentReduce(rows, [0, 1, 3]);
    expect(sums.shape).toEqual([2, 2]);
    expect(await read(sums)).toEqual([1, 10, 5, 50]);
  });

  it('are scanned along the first axis, each by itself', async () => {
    const x = device.tensor([1, 2, 3, 4, 5], [5]);
    expect(await read(segmentScan(x, OFFSETS))).toEqual([1, 3, 3, 7, 12]);
    expect(await read(segmentScan(x, OFFSETS, { exclusive: true, reverse: true }))).toEqual([2, 0, 9, 5, 0]);
    const rows = device.tensor([1, 10, 2, 20, 3, 30], [3, 2]);
    expect(await read(segmentScan(rows, [0, 1, 3], { op: 'prod' }))).toEqual([1, 10, 2, 20, 6, 600]);
  });

  it('combine with an operator of the caller', async () => {
    const x = device.tensor([3, 0, 0, 4, 0], [5]);
    const last = { combine: 'select(b, a, b == 0)', identity: '0' };
    expect(await read(segmentScan(x, OFFSETS, { op: last }))).toEqual([3, 3, 0, 4, 4]);
    expect(await read(segmentScan(x, OFFSETS, { op: last, reverse: true }))).toEqual([3, 0, 4, 4, 0]);
    const squares = { combine: 'a + b', identity: '0', map: 'x * x' };
    expect(await read(segmentReduce(x, OFFSETS, { op: squares }))).toEqual([9, 0, 16]);
    const bad = { combine: 'a; b', identity: '0' };
    expect(() => segmentReduce(x, OFFSETS, { op: bad })).toThrow(
      'segmentReduce: combine "a; b": unexpected ";" at column 2',
    );
    expect(() => segmentScan(x, OFFSETS, { op: bad })).toThrow('segmentScan: combine "a; b": unexpected ";"');
  });

  it('are summed exactly on request', async () => {
    const x = device.tensor([2 ** 60, 1, -(2 ** 60), 2 ** 60, -(2 ** 60), 3], [6]);
    const reproducible = true;
    expect(await read(segmentReduce(x, [0, 3, 6], { reproducible }))).toEqual([1, 3]);
    expect(await read(segmentReduce(x, [0, 3, 6], { reproducible, op: 'mean' }))).toEqual([
      Math.fround(1 / 3),
      1,
    ]);
    expect(await read(segmentScan(x, [0, 3, 6], { reproducible }))).toEqual([
      2 ** 60,
      2 ** 60,
      1,
      2 ** 60,
      0,
      3,
    ]);
    expect(() => segmentReduce(x, [0, 6], { reproducible, op: 'prod' })).toThrow(
      'segmentReduce: what products of f32 rounds depends on the adapter',
    );
  });

  it('may all be empty', async () => {
    const empty = device.empty([0]);
    expect(await read(segmentReduce(empty, [0, 0, 0]))).toEqual([0, 0]);
    expect(await read(segmentScan(empty, [0, 0, 0]))).toEqual([]);
  });

  it.each([
    ['do not begin at 0', [1, 5], 'got 1 at 0'],
    ['do not reach the end', [0, 2, 4], 'got 4 at 2'],
    ['reach past the end', [0, 6], 'got 6 at 1'],
    ['run backwards', [0, 4, 3, 5], 'got 3 at 2'],
    ['are no integers', [0, 1.5, 5], 'got 1.5 at 1'],
    ['are too few', [0], 'got 0 at 0'],
  ])('must not have offsets that %s', (_, offsets, message) => {
    const x = device.empty([5]);
    for (const op of [segmentReduce, segmentScan]) {
      expect(() => op(x, offsets)).toThrow('offsets must ascend from 0 to 5, the first axis of x [5], ');
      expect(() => op(x, offsets)).toThrow(message);
    }
  });

  it('must have offsets that are a list', () => {
    for (const op of [segmentReduce, segmentScan]) {
      expect(() => op(device.empty([5]), 5 as never)).toThrow('offsets must be a list of numbers, got 5');
      const onGpu = device.empty([2], 'u32');
      expect(() => op(device.empty([5]), onGpu as never)).toThrow('offsets must be numbers on the host');
    }
  });

  it('refuse what has no answer', () => {
    const x = device.empty([5], 'i32');
    expect(() => segmentReduce(x, OFFSETS, { op: 'mean' })).toThrow('means are of f32 or f16, got i32');
    expect(() => segmentReduce(x, OFFSETS, { op: 'median' as 'sum' })).toThrow(
      'op must be one of sum, mean, prod, max, min, or an operator',
    );
    expect(() => segmentScan(device.tensor([1], []), [0, 1])).toThrow(
      'needs at least one axis, got a scalar',
    );
  });
});
