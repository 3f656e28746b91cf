import { bytesOf, type Config, type CheckedOperation } from '../../src/kernels/define.ts';
import {
  copyOperation,
  fmaChainOperation,
  matrixChainOperation,
  readOperation,
} from '../../src/kernels/ceiling/index.ts';
import {
  matrixSum,
  type CopyProblem,
  type FmaChainProblem,
  type MatrixChainProblem,
  type ReadProblem,
} from '../../src/kernels/ceiling/contract.ts';
import { DeviceLostError, TilewiseError, type Capabilities, type Device } from '../../src/node.ts';
import type { MatrixShape } from '../../src/reference/ceiling.ts';
import { dtypeSizeBytes } from '../../src/tensor.ts';
import { copyChecker, fmaChainChecker, matrixChainChecker, readChecker } from './ceilingCheckers.ts';
import { WrongResult, type Check } from './check.ts';
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

/** Ceilings, and those that could not be measured. */
export interface CeilingResults {
  readonly ceilings: readonly Ceiling[];
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Measures the ceilings that other rows are held against: copies and reads over working sets of several sizes, and the
 * rates of multiply-adds in f32, f16 and i8 and of subgroup matrices of f16 and i8, as far as the adapter has them. None on the CPU path.
 *
 * @throws DeviceLostError when the device is gone, and the signal's reason when interrupted
 */
export async function measureCeilings(device: Device, options: CeilingOptions): Promise<CeilingResults> {
  if (device.backend === 'cpu') return { ceilings: [], failures: [] };
  const ceilings: Ceiling[] = [];
  const failures: { name: string; reason: string }[] = [];
  for (const [name, measure] of ceilingTasks(device, options)) {
    options.onStart?.(name);
    try {
      ceilings.push(await measure());
    } catch (error) {
      const expected = error instanceof TilewiseError && !(error instanceof DeviceLostError);
      if (!expected && !(error instanceof WrongResult)) throw error;
      failures.push({ name, reason: error.message });
    }
  }
  return { ceilings, failures };
}

type CeilingTask = readonly [name: string, measure: () => Promise<Ceiling>];

function ceilingTasks(device: Device, options: CeilingOptions): CeilingTask[] {
  const { capabilities } = device;
  const tasks: CeilingTask[] = [];
  const add = (name: string, measure: (name: string) => Promise<Ceiling>): void => {
    tasks.push([name, () => measure(name)]);
  };
  for (const size of workingSets(capabilities, options.quick)) {
    add(`copy, ${size / MIB} MiB`, (name) => measureCopy(device, name, size, options));
    add(`read, ${size / MIB} MiB`, (name) => measureRead(device, name, size, options));
  }
  add('f32 multiply-add', (name) => measureFma(device, name, 'f32', options));
  if (capabilities.f16) add('f16 multiply-add', (name) => measureFma(device, name, 'f16', options));
  if (capabilities.wgslFeatures.includes('packed_4x8_integer_dot_product'))
    add('i8 dot products', (name) => measureFma(device, name, 'i8', options));
  for (const component of ['f16', 'i8'] as const) {
    const matrix = largestMatrix(capabilities, component);
    if (!matrix) continue;
    const { m, n, k } = matrix;
    add(`subgroup matrix ${m}x${n}x${k}, ${component} into ${matrixSum({ component })}`, (name) =>
      measureMatrix(device, name, component, matrix, options),
    );
  }
  return tasks;
}

function workingSets({ limits, software }: Capabilities, quick: boolean): number[] {
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const sizes = WORKING_SETS_MIB[software ? 'software' : quick ? 'quick' : 'thorough'];
  return sizes.map((mib) => mib * MIB).filter((size) => size <= largest);
}

/** The subgroup matrices of a type with most work for each instruction. */
function largestMatrix(
  { subgroupMatrixConfigs }: Capabilities,
  component: MatrixChainProblem['component'],
): MatrixShape | undefined {
  const sum = matrixSum({ component });
  const [largest] = subgroupMatrixConfigs
    .filter(({ componentType, resultType }) => componentType === component && resultType === sum)
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k);
  return largest;
}

async function measureCopy(
  device: Device,
  name: string,
  sizeBytes: number,
  options: CeilingOptions,
): Promise<Ceiling> {
  const problem: CopyProblem = { vectors: sizeBytes / 32 };
  const [kernel] = copyOperation.kernels;
  const few = options.quick || device.capabilities.software;
  const candidates: Ceiling[] = [];
  for (const perInvocation of few ? [1, 4] : (kernel!.space['perInvocation'] ?? [])) {
    const choice = { kernel: kernel!.name, config: { perInvocation } };
    const measured = await measureProblem(device, copyOperation, copyChecker, problem, {
      ...options,
      seed: 1,
      choice,
    });
    candidates.push(toCeiling('copy', name, copyOperation, problem, measured));
  }
  return fastest(candidates);
}

/** Vectors read for one that is written: few where there is little to read, so that there are enough invocations. */
const READS_PER_WRITE = [8, 32];

async function measureRead(
  device: Device,
  name: string,
  sizeBytes: number,
  options: CeilingOptions,
): Promise<Ceiling> {
  const candidates: Ceiling[] = [];
  for (const perInvocation of READS_PER_WRITE) {
    const problem: ReadProblem = { invocations: sizeBytes / 16 / perInvocation, perInvocation };
    const measured = await measureProblem(device, readOperation, readChecker, problem, {
      ...options,
      seed: 1,
    });
    candidates.push(toCeiling('read', name, readOperation, problem, measured));
  }
  return fastest(candidates);
}

function fastest(candidates: readonly Ceiling[]): Ceiling {
  return candidates.reduce((a, b) => (b.perSecond.median > a.perSecond.median ? b : a));
}

async function measureFma(
  device: Device,
  name: string,
  dtype: FmaChainProblem['dtype'],
  options: CeilingOptions,
): Promise<Ceiling> {
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
  name: string,
  component: MatrixChainProblem['component'],
  { m, n, k }: MatrixShape,
  options: CeilingOptions,
): Promise<Ceiling> {
  const { subgroups } = fill(device);
  const problem = await fitRounds(device, matrixChainOperation, (rounds): MatrixChainProblem => ({
    m,
    n,
    k,
    component,
    subgroups,
    rounds,
  }));
  const measured = await measureProblem(device, matrixChainOperation, matrixChainChecker, problem, {
    ...options,
    seed: 1,
  });
  const kind = component === 'i8' ? 'integerSubgroupMatrix' : 'subgroupMatrix';
  return toCeiling(kind, name, matrixChainOperation, problem, measured);
}

function fill(device: Device): (typeof FILL)[keyof typeof FILL] {
  return FILL[device.capabilities.software ? 'software' : 'hardware'];
}

/** Makes the arithmetic so long that reading and writing its operands does not show. */
async function fitRounds<P>(
  device: Device,
  operation: CheckedOperation<P>,
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
  operation: CheckedOperation<P>,
  problem: P,
  { kernel, config, check, timing }: Measured,
): Ceiling {
  if (!timing) {
    throw new WrongResult(`the result is wrong: ${check.problem ?? 'no element is right'}`);
  }
  const work = isMemory(kind) ? operation.bytes(problem) : operation.flops(problem);
  const perSecond = mapEstimate(timing.gpuTimeNs ?? timing.wallTimeNs, (ns) => (work / ns) * 1e9);
  return { kind, name, kernel, config, perSecond, workingSetBytes: operation.bytes(problem), check };
}

/** Whether a ceiling is in bytes rather than in arithmetic. */
export function isMemory(kind: Ceiling['kind']): boolean {
  return kind === 'copy' || kind === 'read';
}

/** Whether a ceiling's arithmetic is that of integers. */
export function isInteger(kind: Ceiling['kind']): boolean {
  return kind === 'i8' || kind === 'integerSubgroupMatrix';
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
export function workOf<P>(operation: CheckedOperation<P>, problem: P, arithmetic: ArithmeticPath): Work {
  return {
    flops: operation.flops(problem),
    bytes: operation.bytes(problem),
    writtenBytes: bytesOf(operation.outputs(problem), dtypeSizeBytes),
    arithmetic,
  };
}
