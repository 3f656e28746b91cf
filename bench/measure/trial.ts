import type { Config, CheckedOperation } from '../../src/kernels/define.ts';
import { GpuDevice } from '../../src/runtime/gpuDevice.ts';
import type { CpuDevice, CpuGraph, Device, Graph, Tensor } from '../../src/node.ts';
import { select, type KernelChoice } from '../../src/ops/select.ts';
import type { DType } from '../../src/tensor.ts';
import { shippedRecords } from '../../src/tuning/shipped.ts';
import type { WgslExtension } from '../../src/wgsl/compose.ts';
import { Operand, poison } from './operand.ts';

/** How an operation's arithmetic is done: on lanes, in floats or by dot products of i8, or by subgroup matrices of either. */
export type ArithmeticPath = 'f32' | 'f16' | 'i8' | 'subgroupMatrix' | 'integerSubgroupMatrix';

function arithmeticPath(dtype: DType, extensions: readonly WgslExtension[]): ArithmeticPath {
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
  options: { readonly seed: number; readonly choice?: KernelChoice },
): Trial<P> {
  const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, options.seed + index));
  return device instanceof GpuDevice
    ? prepareOnGpu(device, operation, problem, operands, options.choice)
    : prepareOnCpu(device, operation, problem, operands);
}

function prepareOnGpu<P>(
  device: GpuDevice,
  operation: CheckedOperation<P>,
  problem: P,
  operands: readonly Operand[],
  choice: KernelChoice | undefined,
): Trial<P> {
  const caps = device.capabilities;
  const { kernel, config, reason, passedOver } = select(operation, problem, caps, choice, shippedRecords);
  const plan = kernel.plan(problem, config, caps);
  const prepared = device.prepare(plan);
  const inputs: Tensor[] = [];
  try {
    for (const operand of operands) inputs.push(operand.upload(device));
    const graph = device.capture(() => device.run(prepared, inputs, operation.outputs(problem)));
    const outputs = graph.result;
    for (const output of outputs) poison(device, output);
    const extensions = plan.passes.flatMap((pass) => pass.shader.extensions ?? []);
    return {
      operation,
      problem,
      kernel: kernel.name,
      config,
      reason,
      passedOver,
      arithmetic: arithmeticPath(operation.dtype(problem), extensions),
      dispatches: plan.passes.length,
      operands,
      outputs,
      graph,
      [Symbol.dispose]: () => {
        graph.dispose();
        for (const tensor of [...outputs, ...inputs]) tensor.dispose();
      },
    };
  } catch (error) {
    for (const tensor of inputs) tensor.dispose();
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
