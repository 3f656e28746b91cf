import { beforeAll, describe, expect, it } from 'vitest';
import { randomElements } from '../../bench/measure/inputs.ts';
import {
  ArgumentError,
  DTypeError,
  matmul,
  openDevice,
  quantize,
  quantizedTensor,
  ShapeError,
  type CpuDevice,
  type PackedWeights,
  type QuantizeOptions,
} from '../../src/index.ts';
import { paddedLength } from '../../src/reference/coding.ts';
import {
  CODE_VALUES,
  codeAt,
  decodeBlocks,
  encodeFloat,
  packCodes,
} from '../../src/reference/quantization.ts';

let device: CpuDevice;
beforeAll(async () => {
  device = await openDevice({ backend: 'cpu' });
});

describe('floats of 8 bits', () => {
  // Table 1 and 2 of the OCP 8-bit Floating Point Specification, revision 1.0 (2023).
  it.each([
    ['e4m3', 0x00, 0],
    ['e4m3', 0x01, 2 ** -9],
    ['e4m3', 0x07, 0.875 * 2 ** -6],
    ['e4m3', 0x08, 2 ** -6],
    ['e4m3', 0x38, 1],
    ['e4m3', 0xc1, -2.25],
    ['e4m3', 0x7e, 448],
    ['e4m3', 0x7f, NaN],
    ['e4m3', 0xff, NaN],
    ['e5m2', 0x01, 2 ** -16],
    ['e5m2', 0x03, 0.75 * 2 ** -14],
    ['e5m2', 0x04, 2 ** -14],
    ['e5m2', 0xbd, -1.25],
    ['e5m2', 0x7b, 57_344],
    ['e5m2', 0xfc, -Infinity],
    ['e5m2', 0x7d, NaN],
  ] as const)('%s %i is %d', (format, code, value) => {
    expect(CODE_VALUES[format][code]).toBe(value);
  });

  it.each(['e4m3', 'e5m2'] as const)('of %s come back from each of their numbers', (format) => {
    for (const [code, value] of CODE_VALUES[format].entries())
      if (Number.isFinite(value) && value !== 0) expect(encodeFloat(format, value)).toBe(code);
    expect(encodeFloat(format, 0)).toBe(0);
  });

  it('are the nearest, the even one of two, and the largest beyond it', () => {
    const nearest = (x: number): number => CODE_VALUES.e4m3[encodeFloat('e4m3', x)]!;
    expect(nearest(1.06)).toBe(1);
    expect(nearest(1.07)).toBe(1.125);
    // Half way between 1 and 1.125, then between 1.125 and 1.25.
    expect(nearest(1.0625)).toBe(1);
    expect(nearest(-1.1875)).toBe(-1.25);
    expect(nearest(2 ** -10)).toBe(0);
    expect(nearest(1e9)).toBe(448);
    expect(nearest(-1e9)).toBe(-448);
  });
});

describe('packed codes', () => {
  it('lie with the first in the lowest bits', () => {
    expect([...packCodes('int4', [1, 2, 3, 4, 5, 6, 7, 15, 9])]).toEqual([0xf7654321, 9]);
    expect([...packCodes('int8', [1, 2, 3, 255, 5])]).toEqual([0xff030201, 5]);
    expect(codeAt('int4', [0xf7654321], 7)).toBe(15);
    expect(codeAt('int8', [0, 0xff030201], 7)).toBe(255);
  });

  it('fill rows up to whole blocks, of which there is at least one', () => {
    expect(paddedLength(100, 32)).toBe(128);
    expect(paddedLength(128, 128)).toBe(128);
    expect(paddedLength(0, 64)).toBe(64);
    expect(paddedLength(33, 'row')).toBe(64);
  });

  it('stand for their distance from the zero point, scaled', () => {
    const layout = { dtype: 'int4', blockSize: 32, lineStride: 32, elements: 64 } as const;
    const words = packCodes(
      'int4',
      Array.from({ length: 64 }, (_, index) => index % 16),
    );
    const plain = decodeBlocks(layout, words, [0.5, 2]);
    expect([plain[0], plain[8], plain[15], plain[32 + 15]]).toEqual([-4, 0, 3.5, 14]);
    const moved = decodeBlocks(layout, words, [0.5, 2], packCodes('int4', [0, 15]));
    expect([moved[0], moved[8], moved[15], moved[32 + 15], moved[32]]).toEqual([0, 4, 7.5, 0, -30]);
  });
});

const VARIANTS: readonly (readonly [string, QuantizeOptions])[] = [
  ['int4', { format: 'int4' }],
  ['int4 with zero points', { format: 'int4', blockSize: 128, zeroPoints: true, scaleType: 'f16' }],
  ['int8', { format: 'int8', blockSize: 'row' }],
  ['int8 with zero points', { format: 'int8', blockSize: 64, zeroPoints: true }],
  ['e4m3', { format: 'e4m3', blockSize: 128 }],
  ['e5m2', { format: 'e5m2', blockSize: 256, scaleType: 'f16' }],
];

describe.each(VARIANTS)('quantize() to %s', (_, options) => {
  const shape = [2, 5, 300];
  const data = randomElements({ shape, dtype: 'f32' }, 11, 'outliers');

  it('reports the error that it made', async () => {
    using weights = await quantize({ device, data, shape }, options);
    const decoded = await weights.read();
    const errors = data.map((value, index) => value - decoded[index]!);
    const sumOfSquares = (values: Float64Array): number =>
      values.reduce((sum, value) => sum + value * value, 0);
    const { rms, max, relativeRms } = weights.error!;
    // The decoded weights are rounded to f32.
    expect(rms).toBeCloseTo(Math.sqrt(sumOfSquares(errors) / data.length), 5);
    expect(max).toBeCloseTo(Math.max(...errors.map(Math.abs)), 4);
    expect(relativeRms).toBeCloseTo(Math.sqrt(sumOfSquares(errors) / sumOfSquares(data)), 6);
    expect(relativeRms).toBeGreaterThan(0);
  });

  it('is off by half a step at most', async () => {
    using weights = await quantize({ device, data, shape }, options);
    const decoded = await weights.read();
    const scales = await weights.scales.read();
    const { format, blockSize = 32 } = options;
    const length = blockSize === 'row' ? paddedLength(300, 'row') : blockSize;
    const perRow = paddedLength(300, blockSize) / length;
    for (const [index, value] of data.entries()) {
      const scale = scales[Math.floor(index / 300) * perRow + Math.floor((index % 300) / length)]!;
      const exponent = Math.floor(Math.log2(Math.abs(value) / scale));
      const step = { int4: 1, int8: 1, e4m3: 2 ** (Math.max(-6, exponent) - 3), e5m2: 2 ** (exponent - 2) }[
        format
      ];
      // Scales of f16 are rounded, by which the largest weight of a block may be off too.
      const rounding = 2 ** -11 * Math.abs(value);
      expect(Math.abs(value - decoded[index]!)).toBeLessThanOrEqual(scale * step * 0.5 + rounding);
    }
  });

  it('gives back what was quantised already', async () => {
    using weights = await quantize({ device, data, shape }, { ...options, scaleType: 'f32' });
    const once = await weights.read();
    using again = await quantize(device.tensor(once, shape), { ...options, scaleType: 'f32' });
    expect(again.error!.relativeRms).toBeLessThan(1e-6);
  });
});

describe('quantize()', () => {
  it('uses all codes of a block that has a zero point', async () => {
    const data = Float32Array.from({ length: 32 }, (_, index) => 1 + index / 31);
    using symmetric = await quantize({ device, data, shape: [1, 32] }, { format: 'int4' });
    using asymmetric = await quantize({ device, data, shape: [1, 32] }, { format: 'int4', zeroPoints: true });
    expect(asymmetric.error!.rms).toBeLessThan(symmetric.error!.rms);
    expect(codeAt('int4', await asymmetric.zeroPoints!.read(), 0)).toBe(0);
  });

  it('keeps zeros, and the weights beside them', async () => {
    const data = Float32Array.from({ length: 64 }, (_, index) => (index < 32 ? 0 : index - 48));
    using weights = await quantize({ device, data, shape: [1, 64] }, { format: 'int8' });
    expect([...(await weights.read())].slice(0, 32)).toEqual([...data].slice(0, 32));
    using nothing = await quantize(
      { device, data: new Float32Array(64), shape: [1, 64] },
      { format: 'e4m3' },
    );
    expect(nothing.error).toEqual({ rms: 0, max: 0, relativeRms: 0 });
  });

  it('stores 4.5 bits a weight in blocks of 32', async () => {
    using weights = await quantize(device.empty([64, 256]), { format: 'int4', scaleType: 'f16' });
    expect(weights.sizeBytes).toBe((64 * 256 * 4.5) / 8);
  });

  it.each([
    [
      { format: 'int3' },
      ArgumentError,
      /quantize: format must be "int4", "int8", "e4m3", "e5m2", got "int3"/,
    ],
    [{ format: 'int4', blockSize: 48 }, ArgumentError, /blockSize must be 32, 64, 128, 256, "row", got 48/],
    [{ format: 'int4', scaleType: 'bf16' }, DTypeError, /scaleType must be "f32" or "f16", got "bf16"/],
    [
      { format: 'e4m3', zeroPoints: true },
      ArgumentError,
      /zeroPoints are for int4 and int8, got the format e4m3/,
    ],
    [{ format: 'int4', size: 32 }, ArgumentError, /quantize has no option "size"/],
  ])('refuses %j', async (options, type, message) => {
    const b = { device, data: new Float32Array(64), shape: [2, 32] };
    const promise = quantize(b, options as QuantizeOptions);
    await expect(promise).rejects.toThrow(type);
    await expect(promise).rejects.toThrow(message);
  });

  it('refuses weights that it cannot store', async () => {
    const b = (data: number[], shape = [1, data.length]) => ({ device, data, shape });
    const format = 'int4';
    await expect(quantize(b([1, NaN]), { format })).rejects.toThrow(/finite numbers, got NaN at element 1/);
    await expect(quantize(b([1, 2], [2]), { format })).rejects.toThrow(/at least two axes.*got shape \[2\]/);
    await expect(quantize(b([1, 2], [2, 2]), { format })).rejects.toThrow(/needs 4 numbers, got 2/);
    await expect(quantize(b([1e9]), { format, scaleType: 'f16' })).rejects.toThrow(
      /scale of block 0 is larger than f16 can hold/,
    );
    await expect(quantize(device.tensor([1], [1, 1], 'i32'), { format })).rejects.toThrow(
      /f32, f16 or bf16, got i32/,
    );
  });
});

/** Two rows of 40 weights, two blocks each. */
function packed(change: Partial<PackedWeights> = {}): PackedWeights {
  return {
    shape: [2, 40],
    format: 'int4',
    blockSize: 32,
    data: Uint8Array.from({ length: 64 }, (_, index) => index),
    scales: [1, 2, 3, 4],
    ...change,
  };
}

describe('quantizedTensor()', () => {
  it('takes the low four bits of a byte first, and 8 for zero', async () => {
    using weights = quantizedTensor(device, packed());
    const read = await weights.read();
    // Byte 3 holds 3 and 0, byte 17 of the first row, in its second block, 1 and 1.
    expect([read[6], read[7], read[34], read[35]]).toEqual([-5, -8, -14, -14]);
    // Byte 32 + 9 is 0x29, in the third block.
    expect([read[58], read[59]]).toEqual([3, -18]);
  });

  it('takes zero points whose rows are whole bytes', async () => {
    const shape = [2, 70];
    const data = new Uint8Array(2 * 48).fill(0x55);
    const zeroPoints = Uint8Array.of(0x21, 0x03, 0x54, 0x06);
    using weights = quantizedTensor(device, packed({ shape, data, scales: [1, 1, 1, 1, 1, 1], zeroPoints }));
    const read = await weights.read();
    expect([read[0], read[32], read[64], read[70], read[102], read[134]]).toEqual([4, 3, 2, 1, 0, -1]);
  });

  it.each([
    [{ data: new Uint8Array(63) }, /data must have 64 bytes for 2 rows of 2 blocks of 32 int4, got 63/],
    [{ format: 'int8' }, /data must have 128 bytes for 2 rows of 2 blocks of 32 int8, got 64/],
    [{ blockSize: 128 }, /data must have 128 bytes for 2 rows of 1 blocks of 128 int4, got 64/],
    [{ scales: [1, 2, 3] }, /scales must have 4 numbers for 2 rows of 2 blocks of 32 int4, got 3/],
    [{ zeroPoints: new Uint8Array(4) }, /zeroPoints must have 2 bytes for 2 rows.*, got 4/],
    [{ shape: [40] }, /at least two axes/],
  ] as const)('refuses %j', (change, message) => {
    expect(() => quantizedTensor(device, packed(change))).toThrow(ShapeError);
    expect(() => quantizedTensor(device, packed(change))).toThrow(message);
  });

  it('refuses unknown formats and block sizes', () => {
    expect(() => quantizedTensor(device, packed({ blockSize: 16 as 32 }))).toThrow(/blockSize must be/);
    expect(() => quantizedTensor(device, packed({ format: 'fp4' as 'int4' }))).toThrow(/format must be/);
  });
});

describe('matmul() with quantised weights', () => {
  it('refuses what does not fit', () => {
    const weights = quantizedTensor(device, packed());
    const a = device.empty([3, 40]);
    expect(matmul(a, weights).shape).toEqual([3, 2]);
    expect(() => matmul(device.empty([3, 32]), weights)).toThrow(/has k = 32, .* has k = 40/);
    expect(() => matmul(a, weights, { transposeB: false })).toThrow(/transposeB must be true or left out/);
    weights.dispose();
    expect(() => matmul(a, weights)).toThrow(/disposed/);
  });
});
