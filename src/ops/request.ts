import type { Operation } from '../kernels/define.ts';
import type { Shape, Tensor } from '../tensor.ts';
import type { KernelChoice } from './select.ts';

/** An operation on tensors that has been checked, and not yet run. */
export interface Request<P> {
  readonly operation: Operation<P>;
  readonly problem: P;
  readonly inputs: readonly Tensor[];
  /** Shapes that the caller is to see, of as many elements as the operation's outputs; by default these have them. */
  readonly shapes?: readonly Shape[] | undefined;
  readonly choice: KernelChoice;
  /** Whether the problem says where elements of views lie; else views are copied first. */
  readonly takesViews?: boolean | undefined;
  /** Where the results go, instead of to new tensors: on a GPU in other buffers than the inputs. */
  readonly into?: readonly Tensor[] | undefined;
  /** Tensors in whose buffers the results must not be. */
  readonly apart?: readonly Tensor[] | undefined;
}
