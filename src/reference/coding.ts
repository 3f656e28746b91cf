/**
 * How a weight is stored: as an unsigned integer of 4 or 8 bits that counts from a zero point, or as a float of 8 bits as the
 * Open Compute Project defines it (OCP 8-bit Floating Point Specification, 2023): e4m3 has NaN and no infinities, e5m2 both.
 */
export type QuantizedFormat = 'int4' | 'int8' | 'e4m3' | 'e5m2';

/** Neighbours along k that share a scale: so many, or all of a row. */
export type BlockSize = 32 | 64 | 128 | 256 | 'row';

/** What a code of `bits` bits stands for, before its block's zero point and scale; the numbers themselves are in quantization.ts. */
interface Coding {
  readonly bits: 4 | 8;
  /** Whether codes are integers, which may have zero points. */
  readonly integer: boolean;
  /** The integer that stands for 0 where there are no zero points: the middle of the range, as in ONNX's MatMulNBits. */
  readonly zero: number;
  /** The largest magnitude that there is on both sides of 0. */
  readonly largest: number;
}

export const CODINGS: Readonly<Record<QuantizedFormat, Coding>> = {
  int4: { bits: 4, integer: true, zero: 8, largest: 7 },
  int8: { bits: 8, integer: true, zero: 128, largest: 127 },
  e4m3: { bits: 8, integer: false, zero: 0, largest: 448 },
  e5m2: { bits: 8, integer: false, zero: 0, largest: 57_344 },
};

/** Rows whose scale is their own are whole words all the same, and start at multiples of 16 bytes. */
const ROW_MULTIPLE = 32;

/** Weights of a stored row: k of them and what fills the last block up. A row has at least one block. */
export function paddedLength(k: number, blockSize: BlockSize): number {
  const multiple = blockSize === 'row' ? ROW_MULTIPLE : blockSize;
  return Math.max(1, Math.ceil(k / multiple)) * multiple;
}

/** Where weights lie that are stored by rows of whole blocks. */
export interface BlockLayout {
  readonly dtype: QuantizedFormat;
  readonly blockSize: BlockSize;
  /** Weights of a row, as by `paddedLength`. */
  readonly lineStride: number;
  /** Weights of all rows. */
  readonly elements: number;
}

/** Weights of a block, as a number. */
export const blockLength = ({ blockSize, lineStride }: BlockLayout): number =>
  blockSize === 'row' ? lineStride : blockSize;

export const blockCount = (layout: BlockLayout): number => layout.elements / blockLength(layout);

/** Words of 32 bits that hold `count` codes. */
export const wordCount = (format: QuantizedFormat, count: number): number =>
  Math.ceil((count * CODINGS[format].bits) / 32);
