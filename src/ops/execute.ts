import { ArgumentError, UnsupportedError } from '../errors.ts';
import type { Operation } from '../kernels/define.ts';
import { slicing } from '../kernels/sliced.ts';
import type { CpuDevice } from '../runtime/cpuDevice.ts';
import type { Plan } from '../runtime/plan.ts';
import type { PlanRunner } from '../runtime/planRunner.ts';
import { elementCount, Tensor, type TensorSpec } from '../tensor.ts';
import { consultantOf } from '../tuning/deviceRecords.ts';
import { convertRequest } from './convertRequest.ts';
import type { Request } from './request.ts';
import { select, type KernelChoice, type Selection } from './select.ts';

/** What is known of a problem whose plan a device has prepared. */
interface Prepared {
  readonly plan: unknown;
  readonly outputs: readonly TensorSpec[];
}

/** Plans that a device has prepared, by operation, problem and choice. */
const prepared = new WeakMap<PlanRunner, Map<string, Prepared>>();

/** Where operations run. */
export type OperationDevice = PlanRunner | CpuDevice;

/** Plans kept for a device before the collection starts over, so that ever new shapes do not fill the memory. */
const MAX_PREPARED = 4096;

/** What `explain()` puts in the place of execution: it throws. */
type Interceptor = <P>(device: OperationDevice, request: Request<P>) => never;

let interceptor: Interceptor | undefined;

/** Calls `run`; the first operation that it would execute is given to `by` instead. Apart from `execute`, who never explains carries no more along. */
export function intercept(by: Interceptor, run: () => unknown): void {
  interceptor = by;
  try {
    run();
  } finally {
    interceptor = undefined;
  }
}

/**
 * Runs an operation: on the CPU at once, on a GPU by recording a plan.
 *
 * @throws ArgumentError when the tensors are of different devices or disposed.
 */
export function execute<P>(request: Request<P>): Tensor[] {
  const { operation, inputs, into } = request;
  const device = deviceOf(operation.name, into ? [...inputs, ...into] : inputs);
  interceptor?.(device, request);
  if (request.takesViews || !inputs.some(({ view }) => view)) return run(device, request);
  const copies = new Map<Tensor, Tensor>();
  try {
    // What is written lies in other buffers than what is read.
    for (const x of inputs) if (x.view && !copies.has(x)) copies.set(x, copyOf(x, into));
    return run(device, { ...request, inputs: inputs.map((x) => copies.get(x) ?? x) });
  } finally {
    for (const copy of copies.values()) copy.dispose();
  }
}

/**
 * A copy without gaps of an argument that an operation cannot read where it is. For operations themselves: it is made also
 * when the operation is only to be explained.
 *
 * @param apart tensors in whose buffers the copy must not be
 */
export function copyOf(x: Tensor, apart?: readonly Tensor[]): Tensor {
  return run(deviceOf('copy', [x]), convertRequest(x, x.dtype, apart))[0]!;
}

function run<P>(device: OperationDevice, request: Request<P>): Tensor[] {
  const { operation, problem, inputs, into, apart } = request;
  if (device.backend === 'cpu') {
    const compute = device.computation(operation.name, problem);
    if (!into) return device.run(compute, inputs, shaped(operation.outputs(problem), request));
    device.runInto(compute, inputs, into);
    return [...into];
  }
  const { plan, outputs } = prepare(device, request);
  if (!into) return device.run(plan, inputs, shaped(outputs, request), apart);
  device.encode(plan, inputs, into);
  return [...into];
}

/** Results as the caller is to see them. */
function shaped<P>(outputs: readonly TensorSpec[], { shapes }: Request<P>): readonly TensorSpec[] {
  if (!shapes) return outputs;
  return outputs.map(({ dtype }, index) => ({ shape: shapes[index]!, dtype }));
}

function choose<P>(
  device: PlanRunner,
  operation: Operation<P>,
  problem: P,
  choice: KernelChoice,
): Selection<P> {
  return select(operation, problem, device.capabilities, choice, consultantOf(device), (plan) =>
    device.refusal(plan),
  );
}

/** The plan of a problem, slice by slice where its tensors are larger than the adapter binds; the selection is that of the first. */
export function planned<P>(
  device: PlanRunner,
  operation: Operation<P>,
  problem: P,
  choice: KernelChoice,
): { readonly selection: Selection<P>; readonly plan: Plan } {
  const { capabilities } = device;
  const select = (part: P): Selection<P> => choose(device, operation, part, choice);
  const inSlices = slicing.code?.plannedInSlices(operation, problem, capabilities, select);
  if (inSlices) return inSlices;
  const selection = select(problem);
  return { selection, plan: selection.kernel.plan(problem, selection.config, capabilities) };
}

function prepare<P>(device: PlanRunner, { operation, problem, choice }: Request<P>): Prepared {
  let plans = prepared.get(device);
  if (!plans) prepared.set(device, (plans = new Map()));
  let key = `${operation.name} ${operation.key(problem)}`;
  if (choice.kernel !== undefined || choice.config !== undefined)
    key += JSON.stringify([choice.kernel, choice.config]);
  const existing = plans.get(key);
  if (existing) return existing;
  if (plans.size >= MAX_PREPARED) plans.clear();
  const outputs = operation.outputs(problem);
  const nothing = outputs.every(({ shape }) => elementCount(shape) === 0);
  const plan = nothing
    ? device.prepare({ passes: [], scratchBytes: [] })
    : prepareBest(device, operation, problem, choice);
  const made = { plan, outputs };
  plans.set(key, made);
  return made;
}

/** A kernel whose shader the adapter refuses is followed by the next of the list, unless the caller has asked for it. */
function prepareBest<P>(
  device: PlanRunner,
  operation: Operation<P>,
  problem: P,
  choice: KernelChoice,
): unknown {
  const { plan } = planned(device, operation, problem, choice);
  const instead = (): unknown => {
    try {
      return prepareBest(device, operation, problem, choice);
    } catch (error) {
      // No kernel is left: the refusal itself is what there is to say.
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
  };
  return device.prepare(plan, choice.kernel === undefined ? instead : undefined);
}

/** @throws ArgumentError when the tensors are of different devices or disposed. */
export function deviceOf(op: string, tensors: readonly Tensor[]): OperationDevice {
  const device = tensors[0]?.device;
  for (const tensor of tensors) {
    if (!(tensor instanceof Tensor))
      throw new ArgumentError(`${op} takes tensors, got ${typeof tensor}`, { got: typeof tensor });
    if (tensor.device !== device) throw new ArgumentError(`${op}: the tensors live on different devices`);
    if (tensor.disposed) {
      throw new ArgumentError(
        `${op}: an input (${tensor.dtype} [${tensor.shape.join(', ')}]) has been disposed`,
      );
    }
  }
  return device as OperationDevice;
}
