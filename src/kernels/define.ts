import type { QuantizedFormat } from '../reference/coding.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Plan, Window, Workgroups } from '../runtime/plan.ts';
import { storageSizeBytes, type DType, type TensorSpec } from '../tensor.ts';
import type { ShaderPart } from '../wgsl/source.ts';

/** Values of a kernel's tuning parameters, by name. */
export type Config = Readonly<Record<string, number | boolean>>;

/** For each tuning parameter the values worth trying, smallest or plainest first. */
export type Space<C extends Config> = { readonly [Name in keyof C]: readonly C[Name][] };

/**
 * A kernel: data, and four pure functions. No GPU object goes in or out, so choosing and planning are tested on
 * a machine without the GPU in question.
 *
 * @typeParam P the operation's problem: shapes, data types and options, as plain data
 */
export interface Kernel<P, C extends Config = Config> {
  /** `<operation>/<strategy>`. */
  readonly name: string;
  /** Every WGSL file that a plan may use; a tuning record is valid for exactly this text. */
  readonly parts: readonly ShaderPart[];
  readonly space: Space<C>;
  /** `true`, or the reason why not, in words for the user. */
  supports(problem: P, caps: Capabilities): true | string;
  /**
   * `true`, or why another kernel is likely to be faster, where this one supports the problem: it is then passed over
   * unless asked for. A kernel without it is always worthwhile, as the last of an operation's list has to be.
   */
  worthwhile?(problem: P, caps: Capabilities): true | string;
  /** Whether a point of the space can run: divisibility, invocations, workgroup memory. */
  legal(config: C, problem: P, caps: Capabilities): boolean;
  /** A good guess without tuning; must be legal whenever the kernel supports the problem. */
  heuristic(problem: P, caps: Capabilities): C;
  plan(problem: P, config: C, caps: Capabilities): Plan;
}

/** Checks a kernel's definition against its types, and forgets the type of its config so that kernels fit in one list. */
export function defineKernel<P, C extends Config>(kernel: Kernel<P, C>): Kernel<P> {
  return kernel;
}

/** An input of an operation. */
export interface InputSpec extends TensorSpec {
  /** Set where the elements, of u32, are no numbers but packed codes of such a format, the first in the lowest bits. */
  readonly packed?: QuantizedFormat | undefined;
  /** Set where the elements are offsets, which ascend from 0 to this number. */
  readonly offsetsTo?: number | undefined;
}

/** Elements begin <= i < end of an axis. */
export type Range = readonly [begin: number, end: number];

/** A problem that is a part of a larger one, and which parts of its operands and results it has; undefined where it has all. */
export interface Slice<P> {
  readonly problem: P;
  readonly inputs: readonly (Window | undefined)[];
  readonly outputs: readonly (Window | undefined)[];
}

/** How a problem falls into smaller ones, which need nothing of each other. */
export interface Slicing<P> {
  /** Sizes of the axes along which it can be cut, the preferred first. */
  sizes(problem: P): readonly number[];
  /** The problem of a range of one of them. */
  slice(problem: P, axis: number, range: Range): P;
  /**
   * Where the tensors of a problem that says at which of their elements it begins can be bound. Without it, an axis is the
   * outermost of every tensor that depends on it.
   */
  place?(problem: P, caps: Capabilities): Slice<P>;
}

/** What an operation takes and gives, apart from how: shared by all its kernels, by tests and by benchmarks. */
export interface Contract<P> {
  readonly name: string;
  inputs(problem: P): readonly InputSpec[];
  outputs(problem: P): readonly TensorSpec[];
  /** Identifies the problem: equal keys, equal plans. */
  key(problem: P): string;
  /** How a problem whose operands are larger than an adapter binds is cut; without it, it is not. */
  readonly slicing?: Slicing<P>;
}

/** What problems are tuned and measured by: apart from the contract, so that who only runs kernels does not carry it along. */
export interface Measures<P> {
  /** The data type that decides the arithmetic. */
  dtype(problem: P): DType;
  /** Problems of one class are tuned alike, for instance `skinny` or `square-large`. */
  shapeClass(problem: P): string;
  /** Arithmetic operations, a multiply-add counted as two. */
  flops(problem: P): number;
  /** Least traffic to memory: every input read once, every output written once. */
  bytes(problem: P): number;
}

/** An operation's own measures: without `bytes`, all of its inputs and outputs are moved. */
export interface OwnMeasures<P> extends Omit<Measures<P>, 'bytes'> {
  bytes?(problem: P, contract: Contract<P>): number;
}

/** What results are checked against: apart from the contract, so that who only runs kernels does not carry it along. */
export interface Oracle<P> {
  /**
   * The CPU path: the inputs' elements as they lie in their tensors, and the outputs', in f64. Where an operation writes to a
   * part of its output only, `outputs` is what the rest is to keep.
   */
  reference(
    problem: P,
    inputs: readonly Float64Array[],
    outputs?: readonly Float64Array[],
  ): readonly Float64Array[];
  /**
   * For each element of each output, how far a correct kernel may be from `expected`, absolutely: from an analysis
   * of rounding, for accumulation in f32 and storage in the output's type. 0 means exactly equal. `outputs` as for the reference.
   */
  errorBound(
    problem: P,
    inputs: readonly Float64Array[],
    expected: readonly Float64Array[],
    outputs?: readonly Float64Array[],
  ): readonly Float64Array[];
}

/** An operation: its contract and its kernels, the preferred first, the one that is always legal last. */
export interface Operation<P> extends Contract<P> {
  readonly kernels: readonly Kernel<P>[];
}

/** An operation together with what it is measured by. */
export interface MeasuredOperation<P> extends Operation<P>, Measures<P> {}

/** The same together with its oracle, for tests and benchmarks. */
export interface CheckedOperation<P> extends MeasuredOperation<P>, Oracle<P> {}

/**
 * How a case's inputs are drawn. `normal`: mean 0, deviation 1; `outliers`: one element in 64 is 100 times larger; `nearOne`: mean
 * 1, deviation 1/64, so that products and logarithms of sums stay within range; `zeros`: half of the elements are 0, half of these
 * negative where there is such a zero; `subnormal`: half of them are too small for normal numbers; `edges`: where the type ends, and
 * what lies beside it.
 */
export type Distribution =
  | 'normal'
  | 'nearOne'
  | 'outliers'
  | 'infinities'
  | 'nan'
  | 'ties'
  | 'zeros'
  | 'subnormal'
  | 'edges';

/** A problem worth testing, and what to fill its inputs with. */
export interface Case<P> {
  readonly name: string;
  readonly problem: P;
  /** One for all inputs, `normal` by default. */
  readonly distribution?: Distribution;
  /** Inputs that are not drawn, by their number. */
  readonly given?: Readonly<Record<number, readonly number[]>>;
}

/** Spreads `count` workgroups over x and y, since one dimension holds 65535 at most; some may be too many. */
export function foldWorkgroups(count: number, caps: Capabilities): Workgroups {
  const limit = caps.limits.maxComputeWorkgroupsPerDimension;
  if (count <= limit) return [count, 1, 1];
  const y = Math.ceil(count / limit);
  return [Math.ceil(count / y), y, 1];
}

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);

/** The least power of two, 1 at least, that is not smaller than `value`. */
export const powerOfTwo = (value: number): number => 2 ** Math.max(0, Math.ceil(Math.log2(value)));

/** `true`, or that a shader would need more buffers at once, or more of one, than the adapter can give it. */
export function bindable<P>(
  { passes, scratchBytes }: Plan,
  operation: Contract<P>,
  problem: P,
  { limits }: Capabilities,
): true | string {
  const allowed = limits.maxStorageBuffersPerShaderStage;
  const needed = Math.max(0, ...passes.map(({ bindings }) => bindings.length));
  if (needed > allowed)
    return `it needs ${needed} storage buffers at once, and the adapter allows ${allowed}`;
  const sizes = {
    input: operation.inputs(problem).map(storageSizeBytes),
    output: operation.outputs(problem).map(storageSizeBytes),
    scratch: scratchBytes,
  };
  const most = limits.maxStorageBufferBindingSize;
  const largest = passes
    .flatMap(({ bindings }) => bindings)
    .reduce((size, { role, index, window }) => Math.max(size, window?.sizeBytes ?? sizes[role][index]!), 0);
  return (
    largest <= most ||
    `it binds ${largest} bytes of a buffer at once, and the adapter allows ${most} (maxStorageBufferBindingSize)`
  );
}
