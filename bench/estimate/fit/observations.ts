import { findAccelerator } from '../../catalog/index.ts';
import type { Accelerator, ArithmeticUnit, PublishedMeasurement } from '../../catalog/index.ts';
import type { AttentionShape } from '../model/attention.ts';
import { attentionBytes, attentionFlops } from '../model/attention.ts';
import { hardwareOf } from '../model/hardware.ts';
import type { Hardware } from '../model/hardware.ts';
import type { ErrorClass } from '../model/parameters.ts';
import type { MatmulShape } from '../model/matmul.ts';
import type { Work } from '../model/predict.ts';

/** A published measurement as work that the model can place, and the time that it took. */
export interface Observation {
  readonly errorClass: Exclude<ErrorClass, 'transformer'>;
  readonly acceleratorId: string;
  readonly hardware: Hardware;
  readonly work: Work;
  readonly measuredNs: number;
  readonly label: string;
  readonly source: string;
}

const UNITS: Readonly<Record<string, ArithmeticUnit>> = {
  bfloat16: 'bf16Tensor',
  bf16: 'bf16Tensor',
  fp16: 'fp16Tensor',
  fp8: 'fp8Tensor',
  nvfp4: 'fp4Tensor',
  fp4: 'fp4Tensor',
};

/** Of matrix products' operands, scales included (NVFP4: one byte for 16). */
const OPERAND_BYTES: Readonly<Partial<Record<ArithmeticUnit, number>>> = { fp8Tensor: 1, fp4Tensor: 0.5625 };

/** A stream long enough that its start does not show, for rates that are published without a time. */
const LONG_STREAM_BYTES = 1e12;

/**
 * Reads a row of `published-throughput.csv`, or gives `undefined` where it says nothing of a kernel's time: best shapes of a
 * search (an upper bound by how they were found), attention that writes its scores to memory, whole models, links.
 */
export function observationOf(row: PublishedMeasurement): Observation | undefined {
  const accelerator = findAccelerator(row.acceleratorId);
  if (!accelerator) return undefined;
  switch (row.kind) {
    case 'gemm':
      return row.workload.includes('best shape') ? undefined : matmulObservation(row, accelerator);
    case 'gemv':
      return matmulObservation(row, accelerator);
    case 'attention':
      return /standard|naive/i.test(row.workload) ? undefined : attentionObservation(row, accelerator);
    case 'membw':
      return observation(row, accelerator, 'stream', 'fp32', LONG_STREAM_BYTES / row.value, {
        op: 'stream',
        flops: 0,
        bytes: LONG_STREAM_BYTES,
      });
    case 'power':
      return row.workload.includes('highest FLOP rate') && row.derivedValue !== undefined
        ? observation(row, accelerator, 'vectorArithmetic', 'fp32', 1e12 / row.derivedValue / 1e3, {
            op: 'fma',
            flops: 1e12,
            bytes: 1,
          })
        : undefined;
    default:
      return undefined;
  }
}

function matmulObservation(row: PublishedMeasurement, accelerator: Accelerator): Observation | undefined {
  const unit = UNITS[row.dtype ?? ''];
  if (unit === undefined) return undefined;
  const bytesPerElement = OPERAND_BYTES[unit] ?? 2;
  const shape = matmulShape(row.size);
  const flops = shape ? 2 * shape.m * shape.n * shape.k : 1e9 * Number.parseFloat(row.size ?? '');
  // Without a shape, that of a cube of as many operations: it decides little.
  const side = Math.cbrt(flops / 2);
  const { m, n, k } = shape ?? { m: side, n: side, k: side };
  // Results are written in 16 bits, whatever the operands are.
  const bytes = (m * k + k * n) * bytesPerElement + m * n * 2;
  const measuredNs = row.unit === 'ms' ? row.value * 1e6 : flops / row.value / 1e3;
  const sixteenBitClass = row.kind === 'gemv' ? 'matmulStream' : 'matmul';
  const errorClass = bytesPerElement < 2 ? 'lowPrecisionMatmul' : sixteenBitClass;
  return observation(row, accelerator, errorClass, unit, measuredNs, {
    op: 'matmul',
    flops,
    bytes,
    ...(shape && { shape }),
  });
}

function attentionObservation(row: PublishedMeasurement, accelerator: Accelerator): Observation | undefined {
  const unit = UNITS[row.dtype ?? ''];
  if (unit === undefined) return undefined;
  const shape = attentionShape(row.size);
  const errorClass = row.unit === 'ms' ? 'attentionStream' : 'attention';
  if (!shape) {
    const flops = 1e9 * Number.parseFloat(row.size ?? '');
    const work = { op: 'attention', flops, bytes: 1 };
    return observation(row, accelerator, errorClass, unit, flops / row.value / 1e3, work);
  }
  const work: Work = {
    op: 'attention',
    flops: attentionFlops(shape),
    bytes: attentionBytes(shape, 2),
    shape,
  };
  const measuredNs = row.unit === 'ms' ? row.value * 1e6 : work.flops / row.value / 1e3;
  return observation(row, accelerator, errorClass, unit, measuredNs, work);
}

function observation(
  row: PublishedMeasurement,
  accelerator: Accelerator,
  errorClass: Observation['errorClass'],
  unit: ArithmeticUnit,
  measuredNs: number,
  work: Work,
): Observation {
  // FlashAttention 2 is written for Ampere's instructions, on Hopper too.
  const synchronous = row.workload.includes('Flash Attention 2');
  const longRun = row.workload.includes('10000 warm-ups') || synchronous;
  return {
    errorClass,
    acceleratorId: row.acceleratorId,
    hardware: hardwareOf(accelerator, unit, { synchronous }),
    work: longRun ? { ...work, busyNs: 10_000 * measuredNs } : work,
    measuredNs,
    label: [row.workload, row.dtype, row.size].filter(Boolean).join(', '),
    source: row.source,
  };
}

function matmulShape(size: string | undefined): MatmulShape | undefined {
  const [, m, n, k] = /^m(\d+) n(\d+) k(\d+)$/.exec(size ?? '') ?? [];
  return m === undefined ? undefined : { kind: 'matmul', m: Number(m), n: Number(n), k: Number(k) };
}

function attentionShape(size = ''): AttentionShape | undefined {
  const number = (pattern: RegExp): number => Number(pattern.exec(size)?.[1]);
  if (size.startsWith('hd ')) {
    const headDim = number(/hd (\d+)/);
    const seqLen = number(/seq (\d+)/);
    // The benchmark of FlashAttention keeps heads x headDim at 2048.
    const heads = 2048 / headDim;
    const batch = number(/batch (\d+)/);
    return {
      kind: 'attention',
      batch,
      heads,
      kvHeads: heads,
      seqLenQ: seqLen,
      seqLenKv: seqLen,
      headDim,
      causal: false,
    };
  }
  if (!/^b\d/.test(size)) return undefined;
  const decode = size.includes('kvlen');
  const seqLenKv = number(decode ? /kvlen(\d+)/ : / s(\d+)/);
  return {
    kind: 'attention',
    batch: number(/b(\d+)/),
    heads: number(/ h(\d+)/),
    kvHeads: number(/ kv(\d+)(?= |$)/),
    seqLenQ: decode ? 1 : seqLenKv,
    seqLenKv,
    headDim: number(/ d(\d+)/),
    causal: size.includes('causal'),
  };
}
