import { ArgumentError, told } from '../errors.ts';
import type { Config, Kernel, MeasuredOperation } from '../kernels/define.ts';
import { measured } from '../kernels/measures.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import { classOf, gpuKey, type TuningNote } from '../tuning/records.ts';
import { intercept, planned, type OperationDevice } from './execute.ts';
import type { Request } from './request.ts';

/** Why an operation runs as it does: given by `explain()`. */
export interface Explanation {
  /** The operation's name, `matmul` for instance. */
  readonly op: string;
  /** What kernels know of the call: sizes, types and options, as plain data. */
  readonly problem: unknown;
  /** The kernel that would run, `matmul/tiled` for instance; `reference` on the CPU path. */
  readonly kernel: string;
  /** Values of its tuning parameters. */
  readonly config: Config;
  /** Why it was chosen. */
  readonly reason: string;
  /** The kernels before it in the order of preference, and why each does not run. */
  readonly passedOver: readonly { readonly kernel: string; readonly why: string }[];
  /** Every kernel of the operation, in the order of preference; none on the CPU path. */
  readonly candidates: readonly KernelCandidate[];
  /** The tuned record that was used, or why none was; undefined where the caller chose, and on the CPU path. */
  readonly tuning: TuningNote | undefined;
  /** Floating-point operations that the problem takes. */
  readonly flops: number;
  /** Bytes that have to be read and written at least: operands and results, once each. */
  readonly bytes: number;
  /** Its dispatches, in order. */
  readonly passes: readonly { readonly label: string; readonly workgroups: readonly number[] }[];
  /** Memory for what passes hand on, in bytes. */
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
  try {
    if (typeof op === 'function') intercept(explained, () => op(...args));
  } catch (thrown) {
    if (thrown instanceof Explained) return thrown.explanation;
    throw thrown;
  }
  throw new ArgumentError(
    `explain() takes an operation of this library and its arguments, as in explain(matmul, a, b), got ${told(op)}`,
    { got: op },
  );
}

function explained<P>(device: OperationDevice, request: Request<P>): never {
  throw new Explained(describe(device, request));
}

function describe<P>(device: OperationDevice, request: Request<P>): Explanation {
  const { problem, choice } = request;
  const operation = measured(request.operation);
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
  const { kernel, config, reason, passedOver } = selection;
  return {
    ...common,
    kernel: kernel.name,
    config,
    reason,
    passedOver,
    candidates: operation.kernels.map((candidate) => candidateOf(candidate, problem, device.capabilities)),
    tuning:
      selection.tuning ??
      (choice.kernel === undefined ? noRecordOf(operation, problem, device.capabilities) : undefined),
    passes: plan.passes.map(({ label, workgroups }) => ({ label, workgroups })),
    scratchBytes: plan.scratchBytes.reduce((sum, sizeBytes) => sum + sizeBytes, 0),
  };
}

/** What there is to say where no record is. */
function noRecordOf<P>(operation: MeasuredOperation<P>, problem: P, { adapter }: Capabilities): TuningNote {
  const { op, dtype, shapeClass } = classOf(operation, problem);
  return {
    state: 'none',
    text: `there is no record of ${op}, ${dtype}, ${shapeClass} on ${gpuKey(adapter)}`,
  };
}

function candidateOf<P>(kernel: Kernel<P>, problem: P, caps: Capabilities): KernelCandidate {
  const supports = kernel.supports(problem, caps);
  const heuristic = supports === true ? kernel.heuristic(problem, caps) : {};
  return { kernel: kernel.name, supports, space: kernel.space, heuristic };
}
