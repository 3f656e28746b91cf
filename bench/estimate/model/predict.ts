import type { ArithmeticUnit } from '../../catalog/index.ts';
import { attentionArithmeticNs } from './attention.ts';
import type { AttentionShape } from './attention.ts';
import { CONSTANTS } from './constants.ts';
import { energyOfUnit } from './hardware.ts';
import type { Hardware } from './hardware.ts';
import { matmulArithmeticNs, overlapped } from './matmul.ts';
import type { MatmulShape, Tiling } from './matmul.ts';
import type { ErrorClass, Form, Parameters } from './parameters.ts';
import { clockUnderLoad, slowedByPower } from './power.ts';
import type { ClockShare } from './power.ts';
import { memoryNs } from './stream.ts';

/** An operation's shape, for what depends on more than its operations and bytes. */
export type Shape = MatmulShape | AttentionShape;

/** Work that the model can place. */
export interface Work {
  readonly op: string;
  readonly flops: number;
  readonly bytes: number;
  readonly dispatches?: number | undefined;
  readonly shape?: Shape | undefined;
  /** Bytes that every run reads and writes again, where runs repeat on the same data: they may stay in the cache. */
  readonly repeatedBytes?: number | undefined;
  /** How long the board has such work to do, back to back, in ns; a benchmark's few dozen runs unless given. */
  readonly busyNs?: number | undefined;
}

/** Times of one run, part by part, and what each came of. */
export interface Prediction {
  readonly totalNs: number;
  /** Arithmetic at the boost clock. */
  readonly boostNs: number;
  /** After the clock that the power limit leaves. */
  readonly arithmeticNs: number;
  readonly memoryNs: number;
  /** Share of the memory bandwidth that this pattern of access reaches. */
  readonly streamShare: number;
  readonly overheadNs: number;
  readonly clock: ClockShare;
  readonly busyNs: number;
  readonly tiling: Tiling | undefined;
  readonly cacheHitShare: number;
  readonly bottleneck: 'arithmetic' | 'memory' | 'dispatch';
  readonly errorClass: ErrorClass;
}

/** Time = overhead + arithmetic and memory, which overlap in part; the arithmetic at the clock that the power limit leaves. */
export function predict(work: Work, hardware: Hardware, parameters: Parameters): Prediction {
  const tensor = hardware.unit.endsWith('Tensor');
  const kind = work.shape?.kind ?? work.op;
  const streamShare = streamEfficiency(kind, hardware, parameters);
  const memory = memoryNs(work.bytes, hardware, streamShare, work.repeatedBytes);
  const { ns: boostNs, tiling } = arithmetic(work, hardware, parameters, kind, tensor);
  const overheadNs = startNs(work, kind, hardware, parameters);

  const boostTotalNs = overlapped(boostNs, memory.ns, parameters.form);
  const utilisation =
    hardware.flopsPerNs === undefined || boostTotalNs === 0
      ? 0
      : Math.min(1, work.flops / boostTotalNs / hardware.flopsPerNs);
  const clock = clockUnderLoad(hardware, parameters, utilisation);
  const busyNs = work.busyNs ?? boostTotalNs * CONSTANTS.benchmarkRuns.value;
  const arithmeticNs = slowedByPower(boostNs, clock, busyNs);
  const workNs = overlapped(arithmeticNs, memory.ns, parameters.form);
  const side = arithmeticNs >= memory.ns ? 'arithmetic' : 'memory';
  return {
    totalNs: workNs + overheadNs,
    boostNs,
    arithmeticNs,
    memoryNs: memory.ns,
    streamShare,
    overheadNs,
    clock,
    busyNs,
    tiling,
    cacheHitShare: memory.hitShare,
    bottleneck: overheadNs > workNs ? 'dispatch' : side,
    errorClass: side === 'memory' ? streamClass(kind) : arithmeticClass(kind, hardware.unit),
  };
}

function arithmetic(
  work: Work,
  hardware: Hardware,
  parameters: Parameters,
  kind: string,
  tensor: boolean,
): { readonly ns: number; readonly tiling: Tiling | undefined } {
  const { flopsPerNs, instructionCeiling } = hardware;
  if (flopsPerNs === undefined || work.flops === 0) return { ns: 0, tiling: undefined };
  if (!tensor) return { ns: work.flops / flopsPerNs / vectorShare(hardware, parameters), tiling: undefined };
  if (work.shape?.kind === 'matmul') return matmulArithmeticNs(work.shape, hardware, parameters);
  if (work.shape?.kind === 'attention') {
    return { ns: attentionArithmeticNs(work.shape, hardware, parameters), tiling: undefined };
  }
  const issue =
    parameters.issue *
    instructionCeiling *
    (kind === 'attention' && !hardware.asynchronousMatrix ? parameters.attentionIssue : 1);
  return { ns: work.flops / flopsPerNs / issue, tiling: undefined };
}

/**
 * Share of the vector peak. A scheduler issues one instruction a clock for 32 lanes. With 128 lanes a processor the peak needs a
 * multiply-add in every slot, and loads, addresses and loops take some; with 64 lanes half of the slots are free for them.
 */
function vectorShare(hardware: Hardware, { vectorIssue }: Parameters): number {
  const { flopsPerNs, processors, clockPerNs } = hardware;
  if (flopsPerNs === undefined || processors === undefined || clockPerNs === undefined) return vectorIssue;
  const perClock = flopsPerNs / processors / clockPerNs;
  const slots = 4 * 32 * 2;
  return Math.min(1, (vectorIssue * slots) / perClock);
}

/** What dispatches take beside their work. */
function startNs(work: Work, kind: string, hardware: Hardware, { attentionNs, form }: Parameters): number {
  const { dispatches = 1, shape } = work;
  const { dispatchNs, cachePassNs, cachePassesByLanes } = CONSTANTS;
  const later = (dispatches - 1) * dispatchNs.value;
  if (kind !== 'attention') return dispatchNs.value + later;
  if (shape?.kind !== 'attention' || shape.seqLenQ > 1) return attentionNs + later;
  return cachePassNs.value * (streamsOperands(hardware, form) ? 1 : cachePassesByLanes.value) + later;
}

/** Whether operands move without the lanes of a processor. */
function streamsOperands({ bulkCopies }: Hardware, form: Form): boolean {
  return bulkCopies && form.bulkCopies;
}

/**
 * Share of the bandwidth. Where lanes load operands themselves, products and attention have too few loads in flight to reach what
 * a stream does; where copies run without them, they stream.
 */
function streamEfficiency(kind: string, hardware: Hardware, parameters: Parameters): number {
  if (streamsOperands(hardware, parameters.form)) return parameters.stream;
  if (kind === 'matmul') return parameters.matmulStream;
  return kind === 'attention' ? parameters.attentionStream : parameters.stream;
}

function streamClass(kind: string): ErrorClass {
  if (kind === 'matmul') return 'matmulStream';
  return kind === 'attention' ? 'attentionStream' : 'stream';
}

function arithmeticClass(kind: string, unit: ArithmeticUnit): ErrorClass {
  if (!unit.endsWith('Tensor')) return 'vectorArithmetic';
  if (kind === 'attention') return 'attention';
  return energyOfUnit(unit) < 1 ? 'lowPrecisionMatmul' : 'matmul';
}
