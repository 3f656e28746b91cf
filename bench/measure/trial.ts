import type { Config, CheckedOperation } from '../../src/kernels/define.ts';
import type { Plan } from '../../src/runtime/plan.ts';
import { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import type { CpuDevice, CpuGraph, Device, Graph, Tensor } from '../../src/index.ts';
import { select, type KernelChoice } from '../../src/ops/select.ts';
import type { DType } from '../../src/tensor.ts';
import { consultantOf } from '../../src/tuning/deviceRecords.ts';
import { Operand, poison } from './operand.ts';

/** How an operation's arithmetic is done: on lanes, in floats or by dot products of i8, or by subgroup matrices of either. */
export type ArithmeticPath = 'f32' | 'f16' | 'i8' | 'subgroupMatrix' | 'integerSubgroupMatrix';

/** How a plan for elements of this type does its arithmetic. */
export function arithmeticPath(dtype: DType, { passes }: Plan): ArithmeticPath {
  const extensions = passes.flatMap(({ shader }) => shader.extensions ?? []);
  const matrices = extensions.includes('chromium_experimental_subgroup_matrix');
  if (dtype === 'i8') return matrices ? 'integerSubgroupMatrix' : 'i8';
  return matrices ? 'subgroupMatrix' : 'f32';
}

/** An operation at one problem, ready to run on a device, with operands of random numbers. */
export interface Trial<P> extends Disposable {
  readonly operation: CheckedOperation<P>;
  readonly problem: P;
  readonly kernel: string;
  readonly config: Config;
  /** Why this kernel was chosen. */
  readonly reason: string;
  readonly passedOver: readonly { readonly kernel: string; readonly why: string }[];
  readonly arithmetic: ArithmeticPath;
  readonly dispatches: number;
  readonly operands: readonly Operand[];
  readonly outputs: readonly Tensor[];
  /** Runs the operation into `outputs`. */
  readonly graph: Graph | CpuGraph;
}

/** Operands of a problem, on the host and on a device. */
export interface Uploaded extends Disposable {
  readonly operands: readonly Operand[];
  readonly tensors: readonly Tensor[];
}

/** Random operands of a problem, drawn by seed. */
function drawOperands<P>(operation: CheckedOperation<P>, problem: P, seed: number): readonly Operand[] {
  return operation.inputs(problem).map((spec, index) => new Operand(spec, seed + index));
}

/**
 * Random operands of a problem on a device, for any number of trials.
 *
 * @throws what allocation throws
 */
export function uploadOperands<P>(
  device: Device,
  operation: CheckedOperation<P>,
  problem: P,
  seed: number,
): Uploaded {
  return upload(device, drawOperands(operation, problem, seed));
}

function upload(device: Device, operands: readonly Operand[]): Uploaded {
  const tensors: Tensor[] = [];
  const dispose = (): void => {
    for (const tensor of tensors) tensor.dispose();
  };
  try {
    for (const operand of operands) tensors.push(operand.upload(device));
  } catch (error) {
    dispose();
    throw error;
  }
  return { operands, tensors, [Symbol.dispose]: dispose };
}

/**
 * Chooses a kernel as the library does (unless told which), compiles it, uploads random operands, and captures one run
 * into outputs that are filled with NaN beforehand.
 *
 * @throws what selection, allocation and compilation throw
 */
export function prepareTrial<P>(
  device: Device,
  operation: CheckedOperation<P>,
  problem: P,
  options: {
    readonly seed: number;
    readonly choice?: KernelChoice;
    /** Operands that are there already, and stay when the trial is over. */
    readonly uploaded?: Uploaded;
  },
): Trial<P> {
  if (device instanceof GpuDevice) return prepareOnGpu(device, operation, problem, options);
  return prepareOnCpu(device, operation, problem, drawOperands(operation, problem, options.seed));
}

function prepareOnGpu<P>(
  device: GpuDevice,
  operation: CheckedOperation<P>,
  problem: P,
  { seed, choice, uploaded }: Parameters<typeof prepareTrial<P>>[3],
): Trial<P> {
  const caps = device.capabilities;
  const { kernel, config, reason, passedOver } = select(
    operation,
    problem,
    caps,
    choice,
    consultantOf(device),
  );
  const plan = kernel.plan(problem, config, caps);
  const prepared = device.prepare(plan);
  const inputs = uploaded ?? uploadOperands(device, operation, problem, seed);
  try {
    const graph = device.capture(() => device.run(prepared, inputs.tensors, operation.outputs(problem)));
    const outputs = graph.result;
    for (const output of outputs) poison(device, output);
    return {
      operation,
      problem,
      kernel: kernel.name,
      config,
      reason,
      passedOver,
      arithmetic: arithmeticPath(operation.dtype(problem), plan),
      dispatches: plan.passes.length,
      operands: inputs.operands,
      outputs,
      graph,
      [Symbol.dispose]: () => {
        graph.dispose();
        for (const tensor of outputs) tensor.dispose();
        if (!uploaded) inputs[Symbol.dispose]();
      },
    };
  } catch (error) {
    if (!uploaded) inputs[Symbol.dispose]();
    throw error;
  }
}

function prepareOnCpu<P>(
  device: CpuDevice,
  operation: CheckedOperation<P>,
  problem: P,
  operands: readonly Operand[],
): Trial<P> {
  const inputs = operands.map((operand) => operand.upload(device));
  const graph = device.capture(() =>
    device.run((values) => operation.reference(problem, values), inputs, operation.outputs(problem)),
  );
  return {
    operation,
    problem,
    kernel: 'reference',
    config: {},
    reason: 'the device is the CPU path',
    passedOver: [],
    arithmetic: 'f32',
    dispatches: 1,
    operands,
    outputs: graph.result,
    graph,
    [Symbol.dispose]: () => undefined,
  };
}
