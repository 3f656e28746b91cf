import { ArgumentError, UnsupportedError } from '../errors.ts';
import type { Config, Kernel, Operation } from '../kernels/define.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import type { CpuDevice } from '../runtime/cpuDevice.ts';
import type { Plan } from '../runtime/plan.ts';
import type { PlanRunner } from '../runtime/planRunner.ts';
import { elementCount, Tensor } from '../tensor.ts';
import { recordsOf } from '../tuning/deviceRecords.ts';
import type { TuningNote } from '../tuning/records.ts';
import { convertRequest } from './convertRequest.ts';
import type { Request } from './request.ts';
import { joinPlans, slicesOf } from './slices.ts';
import { select, type KernelChoice, type Selection } from './select.ts';

/** Why an operation runs as it does: given by `explain()`. */
export interface Explanation {
  readonly op: string;
  readonly problem: unknown;
  readonly kernel: string;
  readonly config: Config;
  readonly reason: string;
  readonly passedOver: readonly { readonly kernel: string; readonly why: string }[];
  /** Every kernel of the operation, in the order of preference; none on the CPU path. */
  readonly candidates: readonly KernelCandidate[];
  /** The tuned record that was used, or why none was; undefined where the caller chose, and on the CPU path. */
  readonly tuning: TuningNote | undefined;
  readonly flops: number;
  readonly bytes: number;
  readonly passes: readonly { readonly label: string; readonly workgroups: readonly number[] }[];
  readonly scratchBytes: number;
}

/** A kernel that an operation could be asked to run by name. */
export interface KernelCandidate {
  readonly kernel: string;
  /** `true`, or why it cannot run this problem on this device. */
  readonly supports: true | string;
  /** Values worth trying for each of its tuning parameters; not every combination can run. */
  readonly space: Readonly<Record<string, readonly (number | boolean)[]>>;
  /** Its config without tuning; empty where it does not support the problem. */
  readonly heuristic: Config;
}

/** Plans that a device has prepared, by operation, problem and choice. */
const prepared = new WeakMap<PlanRunner, Map<string, unknown>>();

/** Where operations run. */
type OperationDevice = PlanRunner | CpuDevice;

/** Plans kept for a device before the collection starts over, so that ever new shapes do not fill the memory. */
const MAX_PREPARED = 4096;

/**
 * Runs an operation: on the CPU at once, on a GPU by recording a plan.
 *
 * @throws ArgumentError when the tensors are of different devices or disposed.
 */
export function execute<P>(request: Request<P>): Tensor[] {
  const { operation, inputs, into } = request;
  const device = deviceOf(operation.name, into ? [...inputs, ...into] : inputs);
  if (explaining) throw new Explained(describe(device, request));
  if (request.takesViews || !inputs.some(({ view }) => view)) return run(device, request);
  // What is written lies in other buffers than what is read.
  const copies = new Map(inputs.filter(({ view }) => view).map((x) => [x, copyOf(x, into)]));
  const results = run(device, { ...request, inputs: inputs.map((x) => copies.get(x) ?? x) });
  for (const copy of copies.values()) copy.dispose();
  return results;
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
  const { operation, problem, inputs, shapes, into, apart } = request;
  const outputs = operation
    .outputs(problem)
    .map((spec, index) => ({ shape: shapes[index]!, dtype: spec.dtype }));
  const nothing = outputs.every((spec) => elementCount(spec.shape) === 0);
  if (device.backend === 'cpu') {
    const compute = device.computation(operation.name, problem);
    if (!into) return device.run(compute, inputs, outputs);
    device.runInto(compute, inputs, into);
    return [...into];
  }
  if (!into && nothing) return outputs.map((spec) => device.empty(spec.shape, spec.dtype));
  if (!into) return device.run(prepare(device, request), inputs, outputs, apart);
  if (!nothing) device.encode(prepare(device, request), inputs, into);
  return [...into];
}

/** Set while `explain()` runs an operation up to the point where it would execute. */
let explaining = false;

/** Leaves an operation that is only to be explained. */
class Explained extends Error {
  constructor(readonly explanation: Explanation) {
    super('explained');
  }
}

/**
 * Which kernel an operation would run with these arguments, with which config, and why; nothing is run.
 *
 * @example explain(matmul, a, b, { transposeB: true }).kernel
 * @throws what the operation itself would throw; ArgumentError for a function that is no operation.
 */
export function explain<Args extends readonly unknown[]>(
  op: (...args: Args) => unknown,
  ...args: Args
): Explanation {
  explaining = true;
  try {
    if (typeof op === 'function') op(...args);
  } catch (thrown) {
    if (thrown instanceof Explained) return thrown.explanation;
    throw thrown;
  } finally {
    explaining = false;
  }
  throw new ArgumentError('explain() takes an operation of this library and its arguments');
}

function describe<P>(device: OperationDevice, { operation, problem, choice }: Request<P>): Explanation {
  const common = {
    op: operation.name,
    problem,
    flops: operation.flops(problem),
    bytes: operation.bytes(problem),
  };
  if (device.backend === 'cpu') {
    const reason = 'the device is the CPU backend';
    return {
      ...common,
      kernel: 'reference',
      config: {},
      reason,
      passedOver: [],
      candidates: [],
      tuning: undefined,
      passes: [],
      scratchBytes: 0,
    };
  }
  const { selection, plan } = planned(device, operation, problem, choice);
  const { kernel, config, reason, passedOver, tuning } = selection;
  return {
    ...common,
    kernel: kernel.name,
    config,
    reason,
    passedOver,
    candidates: operation.kernels.map((candidate) => candidateOf(candidate, problem, device.capabilities)),
    tuning,
    passes: plan.passes.map(({ label, workgroups }) => ({ label, workgroups })),
    scratchBytes: plan.scratchBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
  };
}

function candidateOf<P>(kernel: Kernel<P>, problem: P, caps: Capabilities): KernelCandidate {
  const supports = kernel.supports(problem, caps);
  const heuristic = supports === true ? kernel.heuristic(problem, caps) : {};
  return { kernel: kernel.name, supports, space: kernel.space, heuristic };
}

function choose<P>(
  device: PlanRunner,
  operation: Operation<P>,
  problem: P,
  choice: KernelChoice,
): Selection<P> {
  return select(operation, problem, device.capabilities, choice, recordsOf(device), (plan) =>
    device.refusal(plan),
  );
}

/** The plan of a problem, slice by slice where its tensors are larger than the adapter binds; the selection is that of the first. */
function planned<P>(
  device: PlanRunner,
  operation: Operation<P>,
  problem: P,
  choice: KernelChoice,
): { readonly selection: Selection<P>; readonly plan: Plan } {
  const { capabilities } = device;
  const slices = slicesOf(operation, problem, capabilities);
  if (!slices) {
    const selection = choose(device, operation, problem, choice);
    return { selection, plan: selection.kernel.plan(problem, selection.config, capabilities) };
  }
  const selections = slices.map((slice) => choose(device, operation, slice.problem, choice));
  const plans = selections.map(({ kernel, config }, slice) =>
    kernel.plan(slices[slice]!.problem, config, capabilities),
  );
  const [first] = selections as [Selection<P>];
  const why = `in ${slices.length} slices, since the adapter binds ${capabilities.limits.maxStorageBufferBindingSize} bytes at once`;
  return {
    selection: { ...first, reason: `${first.reason}; ${why}` },
    plan: joinPlans(slices, plans),
  };
}

function prepare<P>(device: PlanRunner, { operation, problem, choice }: Request<P>): unknown {
  let plans = prepared.get(device);
  if (!plans) prepared.set(device, (plans = new Map()));
  let key = `${operation.name} ${operation.key(problem)}`;
  if (choice.kernel !== undefined || choice.config !== undefined)
    key += JSON.stringify([choice.kernel, choice.config]);
  const existing = plans.get(key);
  if (existing) return existing;
  if (plans.size >= MAX_PREPARED) plans.clear();
  const plan = prepareBest(device, operation, problem, choice);
  plans.set(key, plan);
  return plan;
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
