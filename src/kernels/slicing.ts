// How problems whose operands are larger than an adapter can bind fall into smaller ones.
import type { Capabilities } from '../runtime/capabilities.ts';
import { windowOf, type Binding, type Plan, type Window } from '../runtime/plan.ts';
import { dtypeSizeBytes, elementCount, storageSizeBytes, type TensorSpec } from '../tensor.ts';
import { alignedStep, evenLength } from './cut.ts';
import { embedPasses } from './embedPasses.ts';
import type { Config, Contract, Kernel, Range, Slice } from './define.ts';

/** What an operation has to say of itself to be cut. */
export type Sliceable<P> = Pick<Contract<P>, 'inputs' | 'outputs' | 'slicing'>;

/** Ranges of so many elements start where vectors of any kernel do. */
const EVEN_RANGE = 64;

/** A cut must take away this share of what is too much, to be worth anything. */
const LEAST_GAIN = 0.1;

/**
 * Cuts a problem until every operand and result of every slice can be bound, or no cut brings it nearer to that: whether kernels
 * can run it is for them to say. Undefined where nothing is too large, or the operation cannot be cut.
 */
export function slicesOf<P>(
  operation: Sliceable<P>,
  problem: P,
  caps: Capabilities,
): readonly Slice<P>[] | undefined {
  if (!operation.slicing || excess(operation, problem, caps) === 0) return undefined;
  const slices = cut(operation, placed(operation, problem, caps), caps);
  const [first] = slices as [Slice<P>];
  return slices.length > 1 || [...first.inputs, ...first.outputs].some((window) => window)
    ? slices
    : undefined;
}

/** Whether every operand and result can be bound, after cuts if need be. */
export function fitsInSlices<P>(operation: Sliceable<P>, problem: P, caps: Capabilities): boolean {
  const slices = slicesOf(operation, problem, caps) ?? [{ problem }];
  return slices.every((slice) => excess(operation, slice.problem, caps) === 0);
}

const sizesOf = <P>({ inputs, outputs }: Sliceable<P>, problem: P): readonly number[] =>
  [...inputs(problem), ...outputs(problem)].map(storageSizeBytes);

/** Bytes beyond what can be bound, of all operands and results. */
function excess<P>(operation: Sliceable<P>, problem: P, { limits }: Capabilities): number {
  return sizesOf(operation, problem).reduce(
    (sum, sizeBytes) => sum + Math.max(0, sizeBytes - limits.maxStorageBufferBindingSize),
    0,
  );
}

/** The problem with only those parts of its tensors that it touches. */
function placed<P>({ slicing }: Sliceable<P>, problem: P, caps: Capabilities): Slice<P> {
  return slicing!.place?.(problem, caps) ?? { problem, inputs: [], outputs: [] };
}

function cut<P>(operation: Sliceable<P>, whole: Slice<P>, caps: Capabilities): readonly Slice<P>[] {
  const { problem } = whole;
  const tooMuch = excess(operation, problem, caps);
  if (tooMuch === 0) return [whole];
  for (const [axis, size] of operation.slicing!.sizes(problem).entries()) {
    const each = size < 2 ? size : rangeLength(operation, problem, axis, size, caps);
    if (each >= size) continue;
    const part = (begin: number): Slice<P> =>
      sliceOf(operation, problem, axis, [begin, Math.min(size, begin + each)], caps);
    if (excess(operation, part(0).problem, caps) > (1 - LEAST_GAIN) * tooMuch) continue;
    return Array.from({ length: Math.ceil(size / each) }, (_, index) => part(index * each)).flatMap((slice) =>
      cut(operation, within(whole, slice), caps),
    );
  }
  return [whole];
}

/** How many elements of an axis a slice can have: an estimate, where parts of tensors do not depend on it; what is still too large is cut again. */
function rangeLength<P>(
  operation: Sliceable<P>,
  problem: P,
  axis: number,
  size: number,
  caps: Capabilities,
): number {
  const { maxStorageBufferBindingSize: limit } = caps.limits;
  const halfSize = Math.ceil(size / 2);
  const halves = sizesOf(operation, sliceOf(operation, problem, axis, [0, halfSize], caps).problem);
  const mosts = sizesOf(operation, problem).flatMap((sizeBytes, index) =>
    // What does not depend on this axis is for others to cut.
    sizeBytes > limit && halves[index]! < sizeBytes ? [Math.floor((size * limit) / sizeBytes)] : [],
  );
  const most = Math.min(size, ...mosts);
  const least = stepOf(operation, problem, axis, caps);
  const step = most >= EVEN_RANGE ? Math.max(least, EVEN_RANGE) : least;
  return evenLength(size, Math.max(least, most), step);
}

/** What ranges of an axis have to start at multiples of, where offsets are those of bindings alone. */
function stepOf<P>(operation: Sliceable<P>, problem: P, axis: number, { limits }: Capabilities): number {
  if (operation.slicing!.place) return 1;
  return alignedStep(unitBytes(operation, problem, axis), limits.minStorageBufferOffsetAlignment);
}

/** Bytes that each tensor has for an element of an axis: none where it does not depend on the axis. */
function unitBytes<P>({ inputs, outputs, slicing }: Sliceable<P>, problem: P, axis: number): number[] {
  const specs = (size: number): readonly TensorSpec[] => {
    const part = slicing!.slice(problem, axis, [0, size]);
    return [...inputs(part), ...outputs(part)];
  };
  const [one, two] = [specs(1), specs(2)];
  return one.map(
    ({ shape, dtype }, index) =>
      (elementCount(two[index]!.shape) - elementCount(shape)) * dtypeSizeBytes(dtype),
  );
}

/** A slice of a problem, and where its tensors are among the problem's. */
function sliceOf<P>(
  operation: Sliceable<P>,
  problem: P,
  axis: number,
  [begin, end]: Range,
  caps: Capabilities,
): Slice<P> {
  const part = operation.slicing!.slice(problem, axis, [begin, end]);
  if (operation.slicing!.place) return operation.slicing!.place(part, caps);
  const windows = unitBytes(operation, problem, axis).map((bytes) =>
    bytes > 0 ? { byteOffset: begin * bytes, sizeBytes: (end - begin) * bytes } : undefined,
  );
  const inputCount = operation.inputs(problem).length;
  return { problem: part, inputs: windows.slice(0, inputCount), outputs: windows.slice(inputCount) };
}

/** A slice of a slice, as one of the whole. */
function within<P>(outer: Slice<P>, inner: Slice<P>): Slice<P> {
  const both = (parts: Slice<P>['inputs'], parents: Slice<P>['inputs']): Slice<P>['inputs'] =>
    parts.map((part, index) => {
      const parent = parents[index];
      if (!part || !parent) return part ?? parent;
      return { ...part, byteOffset: parent.byteOffset + part.byteOffset };
    });
  return {
    problem: inner.problem,
    inputs: both(inner.inputs, outer.inputs),
    outputs: both(inner.outputs, outer.outputs),
  };
}

/** A kernel chosen for a slice. */
interface Chosen<P> {
  readonly kernel: Kernel<P>;
  readonly config: Config;
  readonly reason: string;
}

/** A problem that has to be cut: the plan of all its slices, and what was chosen for the first. */
export function plannedInSlices<P, S extends Chosen<P>>(
  operation: Sliceable<P>,
  problem: P,
  caps: Capabilities,
  choose: (part: P) => S,
): { readonly selection: S; readonly plan: Plan } | undefined {
  const slices = slicesOf(operation, problem, caps);
  if (!slices) return undefined;
  const selections = slices.map((slice) => choose(slice.problem));
  const plans = selections.map(({ kernel, config }, slice) =>
    kernel.plan(slices[slice]!.problem, config, caps),
  );
  const [first] = selections as [S];
  const why = `in ${slices.length} slices, since the adapter binds ${caps.limits.maxStorageBufferBindingSize} bytes at once`;
  return { selection: { ...first, reason: `${first.reason}; ${why}` }, plan: joinPlans(slices, plans) };
}

/** One plan of those of all slices, which use the same scratch memory one after the other. */
function joinPlans<P>(slices: readonly Slice<P>[], plans: readonly Plan[]): Plan {
  const passes = slices.flatMap(({ inputs, outputs }, slice) =>
    embedPasses(plans[slice]!, bindingsOf('input', inputs), bindingsOf('output', outputs), 0),
  );
  return { scratchBytes: mostScratch(plans), passes };
}

/** Scratch memory for plans that run one after the other. */
export function mostScratch(plans: readonly Plan[]): readonly number[] {
  const most: number[] = [];
  for (const { scratchBytes } of plans) {
    for (const [index, sizeBytes] of scratchBytes.entries()) {
      most[index] = Math.max(most[index] ?? 0, sizeBytes);
    }
  }
  return most;
}

/** The plan of a problem by those of its slices, if it has to be cut. */
export function slicedPlan<P>(
  operation: Sliceable<P>,
  problem: P,
  caps: Capabilities,
  planOf: (problem: P) => Plan,
): Plan {
  const slices = slicesOf(operation, problem, caps);
  if (!slices) return planOf(problem);
  return joinPlans(
    slices,
    slices.map((slice) => planOf(slice.problem)),
  );
}

function bindingsOf(role: 'input' | 'output', parts: Slice<unknown>['inputs']): readonly Binding[] {
  return parts.map((part, index) => {
    const whole: Binding = { role, index, access: role === 'input' ? 'read' : 'read_write' };
    return part ? windowOf(whole, part.byteOffset, part.sizeBytes) : whole;
  });
}

/** A stretch of a tensor: from which element on it is bound, how many elements, and where each of its buffers is. */
interface Stretch {
  readonly first: number;
  readonly elements: number;
  readonly windows: readonly Window[];
}

/**
 * The shortest stretch of a tensor of `elements` with a range of them that starts where it can be bound, in blocks of which each of
 * its buffers has so many bytes. It ends with a multiple of `grain` elements, or where the tensor does.
 */
export function stretchOf(
  [begin, end]: Range,
  elements: number,
  {
    block = 1,
    blockBytes,
    grain = block,
  }: {
    readonly block?: number;
    readonly blockBytes: readonly number[];
    readonly grain?: number;
  },
  { limits }: Capabilities,
): Stretch {
  // All bytes of a block are powers of two, or rows of whole words: what aligns the fewest aligns the others.
  const unit = block * (limits.minStorageBufferOffsetAlignment / Math.min(...blockBytes));
  const first = Math.floor(begin / unit) * unit;
  const count = Math.min(elements, Math.ceil(end / grain) * grain) - first;
  return {
    first,
    elements: count,
    windows: blockBytes.map((bytes) => ({
      byteOffset: (first / block) * bytes,
      sizeBytes: (count / block) * bytes,
    })),
  };
}
