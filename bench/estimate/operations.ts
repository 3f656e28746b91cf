import type { ArithmeticUnit } from '../catalog/index.ts';
import { attentionBytes, attentionFlops } from './model/attention.ts';
import type { AttentionShape } from './model/attention.ts';
import type { MatmulShape } from './model/matmul.ts';
import type { Shape } from './model/predict.ts';
import type { Operation } from './types.ts';

/** Data types of an operation's operands: bytes each, and the unit that multiplies them. */
export const OPERAND_TYPES = {
  f32: { bytes: 4, unit: 'fp32' },
  f16: { bytes: 2, unit: 'fp16Tensor' },
  bf16: { bytes: 2, unit: 'bf16Tensor' },
  fp8: { bytes: 1, unit: 'fp8Tensor' },
  int8: { bytes: 1, unit: 'int8Tensor' },
  /** Blocks of 16 share a scale of one byte (NVFP4). */
  fp4: { bytes: 0.5625, unit: 'fp4Tensor' },
} as const satisfies Readonly<Record<string, { readonly bytes: number; readonly unit: ArithmeticUnit }>>;

export type OperandType = keyof typeof OPERAND_TYPES;

/** @throws RangeError for a type that is none of them */
function operandType(dtype: OperandType): (typeof OPERAND_TYPES)[OperandType] {
  const known = Object.keys(OPERAND_TYPES);
  if (known.includes(dtype)) return OPERAND_TYPES[dtype];
  throw new RangeError(`the data type is ${dtype}, expected one of ${known.join(', ')}`);
}

/**
 * A batch of products a [m, k] x b [k, n]; results are in 16 bits where operands are of fewer.
 *
 * @throws RangeError for an unknown data type
 */
export function matmulOperation(shape: Omit<MatmulShape, 'kind'>, dtype: OperandType): Operation {
  const { m, n, k, batch = 1 } = shape;
  const { bytes, unit } = operandType(dtype);
  return {
    name: `matmul ${m} x ${n} x ${k}${batch > 1 ? ` x ${batch}` : ''}`,
    op: 'matmul',
    dtype,
    unit,
    flops: 2 * m * n * k * batch,
    bytes: batch * ((m * k + k * n) * bytes + m * n * Math.max(bytes, 2)),
    shape: { kind: 'matmul', ...shape },
  };
}

/**
 * Attention; its scores stay on the chip.
 *
 * @throws RangeError for an unknown data type
 */
export function attentionOperation(shape: Omit<AttentionShape, 'kind'>, dtype: OperandType): Operation {
  const { batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, causal } = shape;
  const full: AttentionShape = { kind: 'attention', ...shape };
  const { bytes, unit } = operandType(dtype);
  return {
    name:
      `attention ${batch} x ${heads}/${kvHeads} heads x ${seqLenQ} x ${seqLenKv} x ${headDim}` +
      (causal ? ', causal' : ''),
    op: 'attention',
    dtype,
    unit,
    flops: attentionFlops(full),
    bytes: attentionBytes(full, bytes),
    shape: full,
  };
}

/** Bytes that are read or written once, with an operation for each element. */
export function streamOperation(bytes: number, dtype: OperandType = 'f32'): Operation {
  return { name: `stream ${bytes} bytes`, op: 'stream', dtype, unit: 'fp32', flops: bytes / 4, bytes };
}

/**
 * The shape of a measured or wanted operation from its sizes by name; `undefined` for families whose times do not depend on more
 * than bytes and operations. Attention that takes clearly fewer operations than all pairs of queries and keys is causal.
 */
export function shapeOf(
  family: string,
  sizes: Readonly<Record<string, number>>,
  flops: number,
): Shape | undefined {
  const { m, n, k, batch = 1 } = sizes;
  if (family === 'matmul' && m !== undefined && n !== undefined && k !== undefined) {
    return { kind: 'matmul', m, n, k, batch };
  }
  const { heads, seqLenQ, seqLenKv, headDim, kvHeads = heads } = sizes;
  if (
    family === 'attention' &&
    heads !== undefined &&
    kvHeads !== undefined &&
    seqLenQ !== undefined &&
    seqLenKv !== undefined &&
    headDim !== undefined
  ) {
    const causal = flops < 0.75 * 4 * batch * heads * seqLenQ * seqLenKv * headDim;
    return { kind: 'attention', batch, heads, kvHeads, seqLenQ, seqLenKv, headDim, causal };
  }
  return undefined;
}
