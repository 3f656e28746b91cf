import type { CheckedOperation } from '../../src/kernels/define.ts';
import type { Checker } from '../measure/check.ts';
import type { Task } from '../peers/task.ts';
import type { WorkloadRow, WorkloadUnit } from '../schema.ts';

/** Families of workloads. */
export type Family =
  | 'matmul'
  | 'attention'
  | 'reduction'
  | 'softmax'
  | 'norm'
  | 'scan'
  | 'sort'
  | 'gradient'
  | 'elementwise';

/** Sizes by name, for instance `{ m: 1, n: 4096, k: 4096 }`. */
export type NamedShape = Readonly<Record<string, number>>;

/** Something worth timing: an operation at a shape of real work, and smaller shapes of its kind for slower machines. */
export interface Workload<P = unknown> {
  readonly family: Family;
  /** The function of the library, for instance `matmul` or `sum`. */
  readonly op: string;
  /** What the shape is of, for instance `decode, q and o projection`. */
  readonly label: string;
  readonly operation: CheckedOperation<P>;
  /** The problem that is meant, then smaller ones, each about half of the one before. */
  readonly problems: readonly P[];
  readonly checker: Checker<P>;
  /** Sizes for machines. */
  shape(problem: P): NamedShape;
  /** Sizes for people, for instance `1 x 4096 x 4096`. */
  shapeText(problem: P): string;
  /** The unit that does the arithmetic where an accelerator has it. */
  unit(problem: P): WorkloadUnit;
  /** The problem at sizes of the user's; without this it is measured at the suite's only. */
  readonly sized?: Sized<P>;
  /** The problem as other libraries are told it; without this the workload is not compared with them. */
  task?(problem: P): Task;
  /** Whether its estimates on cloud instances are worth showing; a few stand for the rest. */
  readonly representative: boolean;
}

/** How a workload is resized. */
interface Sized<P> {
  /** What the sizes are, for instance `M x N x K`. */
  readonly sizes: string;
  /** @param sizes as many as `sizes` names, each at least 1 */
  problem(sizes: readonly number[]): P;
}

/** Keeps a workload's parts of one type while the lists forget which. */
export function defineWorkload<P>(workload: Workload<P>): Workload {
  return workload;
}

/** What rows of results say of a workload and of the problem that stands for it. */
export function describeWorkload<P>(
  workload: Workload<P>,
  problem: P,
): Omit<WorkloadRow, 'kernel' | 'config'> {
  const meant = workload.problems[0]!;
  return {
    op: workload.op,
    family: workload.family,
    label: workload.label,
    shape: { ...workload.shape(problem) },
    shapeText: workload.shapeText(problem),
    scaledDownFrom: problem === meant ? null : workload.shapeText(meant),
    dtype: workload.operation.dtype(problem),
  };
}

/** The sizes of a suite: how many rows it has, not how thoroughly they are measured. */
export type Extent = 'quick' | 'default' | 'full';

/** `largest`, and its halves down to `smallest`. */
export function halvings(largest: number, smallest: number): number[] {
  const sizes: number[] = [];
  for (let size = largest; size >= smallest; size = Math.floor(size / 2)) sizes.push(size);
  return sizes.length > 0 ? sizes : [largest];
}

/** `a x b x c`. */
export function times(...sizes: readonly number[]): string {
  return sizes.join(' x ');
}
