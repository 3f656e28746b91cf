import type { KernelChoice, Tensor } from 'tilewise';

/** Data types that the demo runs. */
export type ElementType = 'f32' | 'f16';

/** a [m, k] times b, giving [m, n]; b is stored as [n, k], as weights are. */
export interface MatmulWorkload {
  readonly family: 'matmul';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly dtype: ElementType;
}

/** q [1, heads, seqLenQ, headDim] against k and v [1, kvHeads, seqLenKv, headDim]. */
export interface AttentionWorkload {
  readonly family: 'attention';
  readonly heads: number;
  readonly kvHeads: number;
  readonly seqLenQ: number;
  readonly seqLenKv: number;
  readonly headDim: number;
  readonly causal: boolean;
  readonly dtype: ElementType;
}

/** A reduction of one axis, or of everything where there is no axis; softmax is counted among them. */
export interface ReductionWorkload {
  readonly family: 'reduction';
  readonly op: 'sum' | 'mean' | 'max' | 'argmax' | 'softmax';
  readonly shape: readonly number[];
  readonly axis?: number;
  readonly dtype: ElementType;
}

/** An operation at one shape: plain data, so that it can be sent to a worker. */
export type Workload = MatmulWorkload | AttentionWorkload | ReductionWorkload;

/** One input of a workload. */
export interface Operand {
  readonly shape: readonly number[];
  /** `whole`: whole numbers from -3 to 3; `real`: evenly spread between -3 and 3. */
  readonly values: 'whole' | 'real';
}

/** A part of a result that the CPU works out in acceptable time. */
export interface Sample<W> {
  /** The smaller workload whose result is that part. */
  readonly workload: W;
  readonly operands: readonly Float32Array[];
  /** Where an element of the part is in the whole result. */
  indexInWhole(index: number): number;
}

/** Runs a workload on the CPU path, in f32, whatever its own type. */
export type Evaluate<W> = (workload: W, operands: readonly Float32Array[]) => Promise<ArrayLike<number>>;

/** All that the demo knows of a family of operations. */
export interface Family<W> {
  operands(workload: W): readonly Operand[];
  /** Calls the operation: on a GPU it is recorded, on the CPU backend it runs. */
  run(workload: W, operands: readonly Tensor[], choice?: KernelChoice): Tensor;
  /** `2048 × 4096`: sizes as the table shows them. */
  shapeText(workload: W): string;
  /** What decides how fast it can be at best. */
  readonly rate: (workload: W) => 'flops' | 'bytes';
  /** The whole where that is quick, else parts of it. */
  samples(workload: W, operands: readonly Float32Array[]): readonly Sample<W>[];
  /**
   * How far from `expected` each element may be before it is rounded to its type, absolutely: rounding errors of a sum
   * in f32, in whatever order. 0 where it must be equal.
   */
  slack(
    workload: W,
    operands: readonly Float32Array[],
    expected: ArrayLike<number>,
    evaluate: Evaluate<W>,
  ): Promise<ArrayLike<number>>;
}
