import { Float16Array } from '@petamoriken/float16';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DTypeError, openDevice } from '../../src/index.ts';
import { decodeElements, encodeElements, type DType, type TensorData } from '../../src/tensor.ts';

const stored = (data: TensorData, dtype: DType): number[] => [
  ...decodeElements(encodeElements(data, dtype).buffer, dtype, data.length),
];

describe('integers', () => {
  it.each([
    ['i8', [-128, 127, -0]],
    ['i32', [-(2 ** 31), 2 ** 31 - 1]],
    ['u32', [0, 2 ** 32 - 1]],
  ] as const)('of %s are stored up to the ends of their range', (dtype, values) => {
    expect(stored(values, dtype)).toEqual(values.map((value) => value + 0));
    expect(stored(Float64Array.from(values), dtype)).toEqual(values.map((value) => value + 0));
  });

  it.each([
    ['i8', 128],
    ['i8', -129],
    ['i8', 0.5],
    ['i32', 2 ** 31],
    ['i32', NaN],
    ['u32', -1],
    ['u32', Infinity],
  ] as const)('of %s refuse %f, and say where it is', (dtype, bad) => {
    expect(() => encodeElements([1, 2, bad, bad], dtype)).toThrow(DTypeError);
    expect(() => encodeElements([1, 2, bad, bad], dtype)).toThrow(
      `${dtype} cannot hold ${bad}, the number at index 2`,
    );
  });

  it('are taken as they are from an array of their type', () => {
    expect(stored(Int8Array.of(-1, 2, 3), 'i8')).toEqual([-1, 2, 3]);
    expect(stored(Uint8Array.of(1, 2, 127), 'i8')).toEqual([1, 2, 127]);
    expect(() => encodeElements(Uint8Array.of(255), 'i8')).toThrow('i8 cannot hold 255');
    expect(() => encodeElements(Uint32Array.of(2 ** 31), 'i32')).toThrow('i32 cannot hold 2147483648');
  });

  it('are checked when a tensor is made and written', async () => {
    const device = await openDevice({ backend: 'cpu' });
    expect(() => device.tensor([1, 200], [2], 'i8')).toThrow(DTypeError);
    expect(() => device.tensor('12' as unknown as number[], [2])).toThrow('must be an array of numbers');
    const x = device.tensor([1, 2], [2], 'i8');
    expect(() => x.write([0, 1.5])).toThrow('i8 cannot hold 1.5');
    expect([...(await x.read())]).toEqual([1, 2]);
  });
});

describe('half precision', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is read as the platform has it, where that is asked for', async () => {
    vi.stubGlobal('Float16Array', Float16Array);
    const device = await openDevice({ backend: 'cpu' });
    const x = device.tensor([1, 2 ** -24, 3, -Infinity], [2, 2], 'f16');
    const halves = await x.transpose().read({ float16: true });
    expect(halves).toBeInstanceOf(Float16Array);
    expect(halves.byteLength).toBe(8);
    expect(Array.from(halves)).toEqual([1, 3, 2 ** -24, -Infinity]);
    expect(await device.tensor(halves, [4], 'f16').read()).toEqual(
      Float32Array.of(1, 3, 2 ** -24, -Infinity),
    );
    expect(await device.tensor([1], [1]).read({ float16: true })).toEqual(Float32Array.of(1));
    expect(await x.read()).toBeInstanceOf(Float32Array);
  });

  it('is not read so where the platform has no such array', async () => {
    vi.stubGlobal('Float16Array', undefined);
    const device = await openDevice({ backend: 'cpu' });
    const x = device.tensor([1], [1], 'f16');
    await expect(x.read({ float16: true })).rejects.toMatchObject({
      code: 'unsupported',
      details: { missing: 'Float16Array' },
    });
    expect(await x.read()).toEqual(Float32Array.of(1));
  });
});
