import { embedPasses, type Contract } from '../kernels/define.ts';
import { cutAligned } from '../kernels/slicing.ts';
import type { Capabilities } from '../runtime/capabilities.ts';
import { windowOf, type Binding, type Plan } from '../runtime/plan.ts';
import { dtypeSizeBytes, elementCount, storageSizeBytes, type TensorSpec } from '../tensor.ts';

/** A problem that is a part of a larger one, and where the parts of its operands and results begin. */
export interface Slice<P> {
  readonly problem: P;
  /** For each operand and result the bytes before it and its own, or undefined where the slice needs all of it. */
  readonly inputs: readonly (readonly [byteOffset: number, sizeBytes: number] | undefined)[];
  readonly outputs: readonly (readonly [byteOffset: number, sizeBytes: number] | undefined)[];
}

/**
 * Cuts a problem whose operands or results are larger than the adapter binds at once along its outermost axis. Undefined where
 * nothing is too large, or the operation cannot be cut: whether its kernels can run it is for them to say.
 */
export function slicesOf<P>(
  operation: Contract<P>,
  problem: P,
  caps: Capabilities,
): readonly Slice<P>[] | undefined {
  const { slicing } = operation;
  const limit = caps.limits.maxStorageBufferBindingSize;
  const specs = [...operation.inputs(problem), ...operation.outputs(problem)];
  if (!slicing || specs.every((spec) => storageSizeBytes(spec) <= limit)) return undefined;
  const size = slicing.size(problem);
  if (size < 2) return undefined;
  const [one, two] = [slicing.slice(problem, 1), slicing.slice(problem, 2)];
  const inputUnits = unitBytes(operation.inputs(one), operation.inputs(two));
  const outputUnits = unitBytes(operation.outputs(one), operation.outputs(two));
  const units = [...inputUnits, ...outputUnits].filter((bytes) => bytes > 0);
  const ranges = cutAligned(size, units, caps);
  if (typeof ranges === 'string') return undefined;
  return ranges.map(([begin, end]) => {
    const part = (bytes: number): readonly [number, number] | undefined =>
      bytes > 0 ? [begin * bytes, (end - begin) * bytes] : undefined;
    return {
      problem: slicing.slice(problem, end - begin),
      inputs: inputUnits.map(part),
      outputs: outputUnits.map(part),
    };
  });
}

/** Bytes that each tensor has for an element of the axis, given those for one and for two: none where it does not depend on the axis. */
function unitBytes(one: readonly TensorSpec[], two: readonly TensorSpec[]): readonly number[] {
  return one.map(
    ({ shape, dtype }, index) =>
      (elementCount(two[index]!.shape) - elementCount(shape)) * dtypeSizeBytes(dtype),
  );
}

/** One plan of those of all slices, which use the same scratch memory one after the other. */
export function joinPlans<P>(slices: readonly Slice<P>[], plans: readonly Plan[]): Plan {
  const bindings = (role: 'input' | 'output', parts: Slice<P>['inputs']): readonly Binding[] =>
    parts.map((part, index) => {
      const whole: Binding = { role, index, access: role === 'input' ? 'read' : 'read_write' };
      return part ? windowOf(whole, ...part) : whole;
    });
  const scratchBytes: number[] = [];
  const passes = slices.flatMap(({ inputs, outputs }, slice) => {
    const plan = plans[slice]!;
    for (const [index, sizeBytes] of plan.scratchBytes.entries()) {
      scratchBytes[index] = Math.max(scratchBytes[index] ?? 0, sizeBytes);
    }
    return embedPasses(plan, bindings('input', inputs), bindings('output', outputs), 0);
  });
  return { scratchBytes, passes };
}
