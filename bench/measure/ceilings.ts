import { bytesOf, type Config, type Operation } from '../../src/kernels/define.ts';
import {
  copyOperation,
  fmaChainOperation,
  matrixChainOperation,
  readOperation,
} from '../../src/kernels/ceiling/index.ts';
import type {
  CopyProblem,
  FmaChainProblem,
  MatrixChainProblem,
  ReadProblem,
} from '../../src/kernels/ceiling/contract.ts';
import type { Capabilities, Device } from '../../src/node.ts';
import { dtypeSizeBytes } from '../../src/tensor.ts';
import { copyChecker, fmaChainChecker, matrixChainChecker, readChecker } from './ceilingCheckers.ts';
import type { Check } from './check.ts';
import { measureProblem, type Measured } from './measureProblem.ts';
import { durationNs, timeGraph, type SamplingOptions } from './sampling.ts';
import { mapEstimate, type Estimate } from './statistics.ts';
import { prepareTrial, type ArithmeticPath } from './trial.ts';

/** What the machine can do at most, as measured by a kernel that does nothing else. */
export interface Ceiling {
  /** What bounds: copying, reading, or a kind of arithmetic. */
  readonly kind: 'copy' | 'read' | ArithmeticPath;
  /** For people, for instance `copy of 64 MiB`. */
  readonly name: string;
  readonly kernel: string;
  readonly config: Config;
  /** Bytes or arithmetic operations a second. */
  readonly perSecond: Estimate;
  /** Bytes that a run touches. */
  readonly workingSetBytes: number;
  readonly check: Check;
}

export interface CeilingOptions {
  readonly quick: boolean;
  readonly sampling: (firstRunNs: number) => SamplingOptions;
  readonly maxCheckSteps: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: ((name: string) => void) | undefined;
}

const MIB = 1 << 20;

/** Bytes that copies and reads touch: from what caches hold to what they do not. */
const WORKING_SETS_MIB = {
  quick: [1, 16, 256],
  thorough: [1, 4, 16, 64, 256, 1024],
  /** A processor's caches end sooner, and it moves a gigabyte slowly. */
  software: [1, 8, 64],
} as const;

/** Enough work to fill the adapter; a software one is filled by little. */
const FILL = {
  hardware: { invocations: 1 << 19, subgroups: 8192, targetNs: 5e6 },
  software: { invocations: 1 << 12, subgroups: 64, targetNs: 2e7 },
} as const;

/**
 * Measures the ceilings that other rows are held against: copies over working sets of several sizes, and the rates of
 * multiply-adds in f32 and f16 and of subgroup matrices, as far as the adapter has them. None on the CPU path.
 */
export async function measureCeilings(device: Device, options: CeilingOptions): Promise<Ceiling[]> {
  if (device.backend === 'cpu') return [];
  const { capabilities } = device;
  const ceilings: Ceiling[] = [];
  for (const size of workingSets(capabilities, options.quick)) {
    ceilings.push(await measureCopy(device, size, options), await measureRead(device, size, options));
  }
  ceilings.push(await measureFma(device, 'f32', options));
  if (capabilities.f16) ceilings.push(await measureFma(device, 'f16', options));
  const matrix = largestMatrix(capabilities);
  if (matrix) ceilings.push(await measureMatrix(device, matrix, options));
  return ceilings;
}

function workingSets({ limits, software }: Capabilities, quick: boolean): number[] {
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const sizes = WORKING_SETS_MIB[software ? 'software' : quick ? 'quick' : 'thorough'];
  return sizes.map((mib) => mib * MIB).filter((size) => size <= largest);
}

/** The subgroup matrices with most work for each instruction, f16 into f32. */
function largestMatrix({ subgroupMatrixConfigs }: Capabilities): MatrixChainProblem | undefined {
  const [largest] = subgroupMatrixConfigs
    .filter(({ componentType, resultType }) => componentType === 'f16' && resultType === 'f32')
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k);
  return largest && { m: largest.m, n: largest.n, k: largest.k, subgroups: 1, rounds: 1 };
}

async function measureCopy(device: Device, sizeBytes: number, options: CeilingOptions): Promise<Ceiling> {
  const problem: CopyProblem = { vectors: sizeBytes / 32 };
  const name = `copy, ${sizeBytes / MIB} MiB`;
  options.onStart?.(name);
  const few = options.quick || device.capabilities.software;
  const perInvocation = few ? [1, 4] : (copyOperation.kernels[0]!.space['perInvocation'] ?? []);
  let best: Ceiling | undefined;
  for (const value of perInvocation) {
    const choice = { kernel: copyOperation.kernels[0]!.name, config: { perInvocation: value } };
    const measured = await measureProblem(device, copyOperation, copyChecker, problem, {
      ...options,
      seed: 1,
      choice,
    });
    const ceiling = toCeiling('copy', name, copyOperation, problem, measured);
    if (!best || ceiling.perSecond.median > best.perSecond.median) best = ceiling;
  }
  return best!;
}

/** Vectors read for one that is written. */
const READS_PER_WRITE = 32;

async function measureRead(device: Device, sizeBytes: number, options: CeilingOptions): Promise<Ceiling> {
  const problem: ReadProblem = {
    invocations: sizeBytes / 16 / READS_PER_WRITE,
    perInvocation: READS_PER_WRITE,
  };
  const name = `read, ${sizeBytes / MIB} MiB`;
  options.onStart?.(name);
  const measured = await measureProblem(device, readOperation, readChecker, problem, { ...options, seed: 1 });
  return toCeiling('read', name, readOperation, problem, measured);
}

async function measureFma(device: Device, dtype: 'f32' | 'f16', options: CeilingOptions): Promise<Ceiling> {
  const name = `${dtype} multiply-add`;
  options.onStart?.(name);
  const { invocations } = fill(device);
  const problem = await fitRounds(device, fmaChainOperation, (rounds): FmaChainProblem => ({
    invocations,
    rounds,
    dtype,
  }));
  const measured = await measureProblem(device, fmaChainOperation, fmaChainChecker, problem, {
    ...options,
    seed: 1,
  });
  return toCeiling(dtype, name, fmaChainOperation, problem, measured);
}

async function measureMatrix(
  device: Device,
  { m, n, k }: MatrixChainProblem,
  options: CeilingOptions,
): Promise<Ceiling> {
  const name = `subgroup matrix ${m}x${n}x${k}, f16 into f32`;
  options.onStart?.(name);
  const { subgroups } = fill(device);
  const problem = await fitRounds(device, matrixChainOperation, (rounds): MatrixChainProblem => ({
    m,
    n,
    k,
    subgroups,
    rounds,
  }));
  const measured = await measureProblem(device, matrixChainOperation, matrixChainChecker, problem, {
    ...options,
    seed: 1,
  });
  return toCeiling('subgroupMatrix', name, matrixChainOperation, problem, measured);
}

function fill(device: Device): (typeof FILL)[keyof typeof FILL] {
  return FILL[device.capabilities.software ? 'software' : 'hardware'];
}

/** Makes the arithmetic so long that reading and writing its operands does not show. */
async function fitRounds<P>(
  device: Device,
  operation: Operation<P>,
  problem: (rounds: number) => P,
): Promise<P> {
  const { targetNs } = fill(device);
  const trialRounds = 4;
  const trial = prepareTrial(device, operation, problem(trialRounds), { seed: 1 });
  try {
    await timeGraph(device, trial.graph, 1);
    const perRoundNs = durationNs(await timeGraph(device, trial.graph, 1)) / trialRounds;
    const rounds = Math.ceil(targetNs / Math.max(1, perRoundNs));
    return problem(Math.max(trialRounds, Math.min(1024, rounds)));
  } finally {
    trial[Symbol.dispose]();
  }
}

function toCeiling<P>(
  kind: Ceiling['kind'],
  name: string,
  operation: Operation<P>,
  problem: P,
  { kernel, config, check, timing }: Measured,
): Ceiling {
  if (!timing) {
    throw new Error(`the ceiling "${name}" was measured wrongly: ${check.problem ?? 'its result is wrong'}`);
  }
  const work = isMemory(kind) ? operation.bytes(problem) : operation.flops(problem);
  const perSecond = mapEstimate(timing.gpuTimeNs ?? timing.wallTimeNs, (ns) => (work / ns) * 1e9);
  return { kind, name, kernel, config, perSecond, workingSetBytes: operation.bytes(problem), check };
}

/** Whether a ceiling is in bytes rather than in arithmetic. */
export function isMemory(kind: Ceiling['kind']): boolean {
  return kind === 'copy' || kind === 'read';
}

/** What a row does. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
  /** Of `bytes`. */
  readonly writtenBytes: number;
  readonly arithmetic: ArithmeticPath;
}

/** A row that writes less than this part of its bytes is one that reads. */
const MOSTLY_READS = 1 / 8;

/** The ceiling that binds a row, and the time that the row would take at it. */
export interface BindingCeiling {
  readonly ceiling: Ceiling;
  readonly idealNs: number;
}

/**
 * Of the time to move the bytes at the bandwidth measured at the nearest working set (reading or copying) and the time for the arithmetic at
 * its measured peak the longer: no kernel can be faster than that. Undefined where nothing was measured.
 */
export function bindingCeiling(ceilings: readonly Ceiling[], work: Work): BindingCeiling | undefined {
  const distance = ({ workingSetBytes }: Ceiling): number => Math.abs(Math.log(workingSetBytes / work.bytes));
  const memoryKind = work.writtenBytes < MOSTLY_READS * work.bytes ? 'read' : 'copy';
  const [memory] = ceilings
    .filter(({ kind }) => kind === memoryKind)
    .toSorted((a, b) => distance(a) - distance(b));
  const arithmetic = ceilings.find(({ kind }) => kind === work.arithmetic);
  const candidates: BindingCeiling[] = [];
  if (memory) candidates.push({ ceiling: memory, idealNs: (work.bytes / memory.perSecond.median) * 1e9 });
  if (arithmetic && work.flops > 0) {
    candidates.push({ ceiling: arithmetic, idealNs: (work.flops / arithmetic.perSecond.median) * 1e9 });
  }
  return candidates.toSorted((a, b) => b.idealNs - a.idealNs)[0];
}

/** What an operation does to a problem, however it is done. */
export function workOf<P>(operation: Operation<P>, problem: P, arithmetic: ArithmeticPath): Work {
  return {
    flops: operation.flops(problem),
    bytes: operation.bytes(problem),
    writtenBytes: bytesOf(operation.outputs(problem), dtypeSizeBytes),
    arithmetic,
  };
}
