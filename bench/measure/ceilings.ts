import type { Config, CheckedOperation } from '../../src/kernels/define.ts';
import {
  copyOperation,
  fmaChainOperation,
  matrixChainOperation,
  readOperation,
  writeOperation,
} from '../../src/kernels/checked.ts';
import {
  matrixSum,
  type CopyProblem,
  type FmaChainProblem,
  type MatrixChainProblem,
  type ReadProblem,
  type WriteProblem,
} from '../../src/kernels/ceiling/contract.ts';
import { DeviceLostError, TilewiseError, type Capabilities, type Device } from '../../src/node.ts';
import type { MatrixShape } from '../../src/reference/ceiling.ts';
import {
  copyChecker,
  fmaChainChecker,
  matrixChainChecker,
  readChecker,
  writeChecker,
} from './ceilingCheckers.ts';
import { WrongResult, type Check, type Checker } from './check.ts';
import { measureProblem, type Measured } from './measureProblem.ts';
import { Operand } from './operand.ts';
import { sampleOnHost, type SamplingOptions } from './sampling.ts';
import { durationNs, timeGraph } from './timing.ts';
import { mapEstimate, type Estimate } from './statistics.ts';
import { prepareTrial, type ArithmeticPath } from './trial.ts';

/** Ways to use the device's memory. */
type MemoryKind = 'copy' | 'read' | 'write';

/** Ways between the host and the device. */
type TransferKind = 'upload' | 'readBack';

/** What the machine can do at most, as measured by a kernel that does nothing else. */
export interface Ceiling {
  /** What bounds: moving memory, bringing it to the device and back, or a kind of arithmetic. */
  readonly kind: MemoryKind | TransferKind | ArithmeticPath;
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
  /** Fewer ways to do each, and of subgroup matrices the largest only. */
  readonly quick: boolean;
  /** Over many working sets, each twice the one before, rather than as few as serve other rows. */
  readonly curve: boolean;
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
  /** Each twice the one before: caches appear where it drops. */
  curve: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
} as const;

/** A processor's caches end sooner, and it moves a gigabyte slowly. */
const SOFTWARE_WORKING_SETS_MIB = {
  quick: [1, 8, 64],
  thorough: [1, 4, 16, 64],
  curve: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64],
} as const;

/** What is brought to the device and back at once. */
const TRANSFER_MIB = { hardware: 64, software: 16 } as const;

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
 * Measures the ceilings that other rows are held against: copies, reads and writes over working sets of several sizes, the
 * rates of multiply-adds in f32, f16 and i8 and of subgroup matrices of f16 and i8, as far as the adapter has them, and the ways to
 * the device and back. None on the CPU path.
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
  for (const size of workingSets(capabilities, options)) {
    const of = size < MIB ? `${size / 1024} KiB` : `${size / MIB} MiB`;
    add(`copy, ${of}`, (name) => measureCopy(device, name, size, options));
    add(`read, ${of}`, (name) => measureRead(device, name, size, options));
    add(`write, ${of}`, (name) => measureWrite(device, name, size, options));
  }
  add('f32 multiply-add', (name) => measureFma(device, name, 'f32', options));
  if (capabilities.f16) add('f16 multiply-add', (name) => measureFma(device, name, 'f16', options));
  if (capabilities.wgslFeatures.includes('packed_4x8_integer_dot_product'))
    add('i8 dot products', (name) => measureFma(device, name, 'i8', options));
  for (const component of ['f16', 'i8'] as const) {
    const matrices = matricesOf(capabilities, component);
    for (const matrix of options.quick ? matrices.slice(0, 1) : matrices) {
      const { m, n, k } = matrix;
      add(`subgroup matrix ${m}x${n}x${k}, ${component} into ${matrixSum({ component })}`, (name) =>
        measureMatrix(device, name, component, matrix, options),
      );
    }
  }
  for (const kind of ['upload', 'readBack'] as const) {
    const mib = TRANSFER_MIB[capabilities.software ? 'software' : 'hardware'];
    add(`${kind === 'upload' ? 'upload' : 'read-back'}, ${mib} MiB`, (name) =>
      measureTransfer(device, name, kind, mib * MIB, options),
    );
  }
  return tasks;
}

function workingSets({ limits, software }: Capabilities, { quick, curve }: CeilingOptions): number[] {
  const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const sizes = (software ? SOFTWARE_WORKING_SETS_MIB : WORKING_SETS_MIB)[
    curve ? 'curve' : quick ? 'quick' : 'thorough'
  ];
  return sizes.map((mib) => mib * MIB).filter((size) => size <= largest);
}

/** The subgroup matrices of a type, those with most work for each instruction first. */
function matricesOf(
  { subgroupMatrixConfigs }: Capabilities,
  component: MatrixChainProblem['component'],
): readonly MatrixShape[] {
  const sum = matrixSum({ component });
  return subgroupMatrixConfigs
    .filter(({ componentType, resultType }) => componentType === component && resultType === sum)
    .toSorted((a, b) => b.m * b.n * b.k - a.m * a.n * a.k);
}

/** Vectors that an invocation takes, of those worth trying, where there is little time. */
const QUICK_PER_INVOCATION = [1, 4];

async function measureCopy(
  device: Device,
  name: string,
  sizeBytes: number,
  options: CeilingOptions,
): Promise<Ceiling> {
  const problem: CopyProblem = { vectors: sizeBytes / 32 };
  return fastestOf(device, 'copy', name, copyOperation, copyChecker, problem, options);
}

/** A value whose bits are half ones. */
const WRITTEN = 0x5a_a5_c3_3c;

async function measureWrite(
  device: Device,
  name: string,
  sizeBytes: number,
  options: CeilingOptions,
): Promise<Ceiling> {
  const problem: WriteProblem = { vectors: sizeBytes / 16, value: WRITTEN };
  return fastestOf(device, 'write', name, writeOperation, writeChecker, problem, options);
}

/** The fastest of the ways to do it: a ceiling is what the machine can do, not what one kernel does. */
async function fastestOf<P>(
  device: Device,
  kind: MemoryKind,
  name: string,
  operation: CheckedOperation<P>,
  checker: Checker<P>,
  problem: P,
  options: CeilingOptions,
): Promise<Ceiling> {
  const [kernel] = operation.kernels;
  const ways = options.quick ? QUICK_PER_INVOCATION : kernel!.space['perInvocation']!;
  const candidates: Ceiling[] = [];
  for (const perInvocation of ways) {
    const choice = { kernel: kernel!.name, config: { perInvocation } };
    const measured = await measureProblem(device, operation, checker, problem, {
      ...options,
      seed: 1,
      choice,
    });
    candidates.push(toCeiling(kind, name, operation, problem, measured));
  }
  return fastest(candidates);
}

/** Vectors read for one that is written: few where there is little to read, so that there are enough invocations. */
const READS_PER_WRITE = [8, 32, 128];

/** Invocations that load a line of a processor's caches together: what it reads fastest is a few long runs at a time. */
const LINE = 4;

/** Ways to read so many vectors: all invocations side by side, as a GPU likes it, or on a processor run by run too. */
function waysToRead(vectors: number, { software }: Capabilities, quick: boolean): ReadProblem[] {
  return (quick ? READS_PER_WRITE.slice(0, 2) : READS_PER_WRITE).flatMap((perInvocation) => {
    const invocations = vectors / perInvocation;
    const together = [invocations, ...(software ? [LINE] : [])];
    return together.map((neighbours) => ({ runs: invocations / neighbours, perInvocation, neighbours }));
  });
}

async function measureRead(
  device: Device,
  name: string,
  sizeBytes: number,
  options: CeilingOptions,
): Promise<Ceiling> {
  const candidates: Ceiling[] = [];
  for (const problem of waysToRead(sizeBytes / 16, device.capabilities, options.quick)) {
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

/** Brings elements to the device, or back, by the library's own calls, on the host's clock. */
async function measureTransfer(
  device: Device,
  name: string,
  kind: TransferKind,
  sizeBytes: number,
  { sampling, signal }: CeilingOptions,
): Promise<Ceiling> {
  const spec = { shape: [sizeBytes / 4], dtype: 'f32' } as const;
  const given = Float32Array.from(new Operand(spec, 1).values());
  const run = async (): Promise<{ readonly ns: number; readonly got: ArrayLike<number> }> => {
    const begin = performance.now();
    const tensor = device.tensor(given, spec.shape);
    await device.finished();
    const uploaded = performance.now();
    const got = await tensor.read();
    const end = performance.now();
    tensor.dispose();
    return { ns: 1e6 * (kind === 'upload' ? uploaded - begin : end - uploaded), got };
  };
  const first = await run();
  const wrong = given.findIndex((value, index) => value !== first.got[index]);
  if (wrong >= 0) throw new WrongResult(`element ${wrong} is ${first.got[wrong]} instead of ${given[wrong]}`);
  const times = await sampleOnHost(async () => (await run()).ns, { ...sampling(first.ns), signal });
  return {
    kind,
    name,
    kernel: kind === 'upload' ? 'device.tensor()' : 'tensor.read()',
    config: {},
    perSecond: mapEstimate(times, (ns) => (sizeBytes / ns) * 1e9),
    workingSetBytes: sizeBytes,
    check: { passed: true, maxError: 0, tolerance: 0, method: 'every element' },
  };
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

/** Whether a ceiling is of the device's memory rather than of arithmetic. */
export function isMemory(kind: Ceiling['kind']): kind is MemoryKind {
  return kind === 'copy' || kind === 'read' || kind === 'write';
}

/** What a ceiling is in. */
export function unitOf(kind: Ceiling['kind']): 'B/s' | 'OP/s' | 'FLOP/s' {
  if (isMemory(kind) || kind === 'upload' || kind === 'readBack') return 'B/s';
  return isInteger(kind) ? 'OP/s' : 'FLOP/s';
}

/** Whether a ceiling's arithmetic is that of integers. */
function isInteger(kind: Ceiling['kind']): boolean {
  return kind === 'i8' || kind === 'integerSubgroupMatrix';
}
