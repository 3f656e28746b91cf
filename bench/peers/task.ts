/**
 * What a library is asked to do: an operation at one problem in words that all of them understand. Plain data, because it
 * goes to them as JSON. Operands and results are row-major.
 */
export type Task =
  | MatmulTask
  | AttentionTask
  | SoftmaxTask
  | ReductionTask
  | CumsumTask
  | NormTask
  | ArgmaxTask
  | SortTask
  | TopKTask;

/** Data types that tasks come in. */
export type TaskDType = 'f32' | 'f16';

/** `c = a b` with a [m, k], b [k, n] or stored as [n, k], c [m, n]. */
export interface MatmulTask {
  readonly op: 'matmul';
  readonly dtype: TaskDType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** b is stored as [n, k]. */
  readonly transposeB: boolean;
}

/** q [heads, seqLenQ, headDim], k and v [kvHeads, seqLenKv, headDim]; of one sequence. */
export interface AttentionTask {
  readonly op: 'attention';
  readonly dtype: TaskDType;
  readonly heads: number;
  /** Divides `heads`; as many query heads share a key/value head. */
  readonly kvHeads: number;
  readonly seqLenQ: number;
  readonly seqLenKv: number;
  readonly headDim: number;
  readonly scale: number;
  /** Query i sees the keys up to i. */
  readonly causal: boolean;
}

/** Of [rows, columns] along `axis`. */
export interface SoftmaxTask {
  readonly op: 'softmax';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly axis: 0 | 1;
}

/** Of [rows, columns] over `axes`, which are then gone. */
export interface ReductionTask {
  readonly op: 'sum' | 'mean' | 'max';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly axes: readonly number[];
}

/** Running sums of [rows, columns] along `axis`. */
export interface CumsumTask {
  readonly op: 'cumsum';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly axis: 0 | 1;
}

/** Of the rows of [rows, columns], by a scale [columns], and for `layerNorm` a bias [columns]. */
export interface NormTask {
  readonly op: 'rmsNorm' | 'layerNorm';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly epsilon: number;
}

/** Where the first of the largest elements of [rows, columns] is along `axis`, which is then gone. */
export interface ArgmaxTask {
  readonly op: 'argmax';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly axis: 0 | 1;
}

/** The rows of [rows, columns], from the smallest element to the largest. */
export interface SortTask {
  readonly op: 'sort';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
}

/** The `count` largest elements of each row of [rows, columns], the largest first. */
export interface TopKTask {
  readonly op: 'topK';
  readonly dtype: TaskDType;
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

/** How many terms meet in an element of the result: what its rounding depends on. None are rounded where elements are only chosen. */
export function termsOf(task: Task): number {
  switch (task.op) {
    case 'matmul':
      return task.k;
    case 'attention':
      return task.headDim + task.seqLenKv;
    case 'rmsNorm':
    case 'layerNorm':
      return task.columns;
    case 'softmax':
    case 'cumsum':
      return [task.rows, task.columns][task.axis]!;
    case 'sort':
    case 'topK':
    case 'argmax':
    case 'max':
      return 0;
    default:
      return task.axes.reduce((count, axis) => count * [task.rows, task.columns][axis]!, 1);
  }
}
