// What cuts tensors larger than a binding, as kernels of others see it.
import type { Capabilities } from '../runtime/capabilities.ts';
import type { Binding } from '../runtime/plan.ts';
import type { Range } from './define.ts';
import { onDemand } from './onDemand.ts';

/** Loaded all together, where it is of use: nothing is cut before that. */
export const slicing = onDemand('slices', () => import('./slicedCode.ts'));

/** A range of an operand's outermost axis, as it is bound. */
export interface BoundRange {
  readonly range: Range;
  readonly binding: Binding;
}

/** An operand of `size` elements along its outermost axis, each of `unitBytes`, range by range where it is larger than can be bound. */
export const boundRanges = (
  operand: Binding,
  size: number,
  unitBytes: number,
  caps: Capabilities,
): readonly BoundRange[] =>
  slicing.code?.boundRanges(operand, size, unitBytes, caps) ?? [{ range: [0, size], binding: operand }];
