import type { OnnxConstant, OnnxNode, OnnxValue } from './onnxModel.ts';
import { NotOffered, swapFirstAxes, type Makers, type PeerOperand } from './peer.ts';
import type { ArgmaxTask, AttentionTask, NormTask, ReductionTask, SortTask, TopKTask } from './task.ts';

/** An operand as a node takes it. */
export interface OperandValue extends OnnxValue {
  /** The task has it transposed. */
  readonly transposed?: boolean;
}

/** How a task becomes a graph. */
export interface Made {
  readonly inputs: readonly OperandValue[];
  readonly output: Omit<OnnxValue, 'name'>;
  readonly constants?: readonly OnnxConstant[];
  /** A node with this result; further results of it are called after it. */
  readonly node: (result: string) => OnnxNode;
  /** Operands as the node takes them. */
  readonly arrange: (operands: readonly PeerOperand[]) => readonly PeerOperand[];
  /** The result as the task has it. */
  readonly restore: (result: Float32Array) => Float32Array;
}

const AS_IT_IS: Pick<Made, 'arrange' | 'restore'> = {
  arrange: (operands) => operands,
  restore: (result) => result,
};

const REDUCTIONS = { sum: 'ReduceSum', mean: 'ReduceMean', max: 'ReduceMax' } as const;

function argmax({ dtype, rows, columns, axis }: ArgmaxTask): Made {
  return {
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype: 'i64', shape: [[rows, columns][1 - axis]!] },
    node: (result) => ({
      op: 'ArgMax',
      inputs: ['x'],
      outputs: [result],
      ints: { axis, keepdims: 0 },
    }),
  };
}

/** ONNX has no other sort than this: all of a row, the smallest first. */
function topK(task: SortTask | TopKTask): Made {
  const { op, dtype, rows, columns } = task;
  const count = op === 'sort' ? columns : task.count;
  return {
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, count] },
    constants: [{ name: 'count', dtype: 'i64', values: [count] }],
    node: (result) => ({
      op: 'TopK',
      inputs: ['x', 'count'],
      outputs: [result, `${result}Indices`],
      ints: { axis: 1, largest: op === 'sort' ? 0 : 1 },
    }),
  };
}

function reduction({ op, dtype, rows, columns, axes }: ReductionTask): Made {
  return {
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns].filter((_, axis) => !axes.includes(axis)) },
    constants: [{ name: 'axes', dtype: 'i64', values: axes }],
    node: (result) => ({
      op: REDUCTIONS[op],
      inputs: ['x', 'axes'],
      outputs: [result],
      ints: { keepdims: 0 },
    }),
  };
}

function norm({ op, dtype, rows, columns, epsilon }: NormTask): Made {
  const perColumn = op === 'layerNorm' ? ['scale', 'bias'] : ['scale'];
  return {
    ...AS_IT_IS,
    inputs: [
      { name: 'x', dtype, shape: [rows, columns] },
      ...perColumn.map((name) => ({ name, dtype, shape: [columns] })),
    ],
    output: { dtype, shape: [rows, columns] },
    node: (result) => ({
      // Its own name for what ONNX calls RMSNormalization from opset 23 on.
      op: op === 'layerNorm' ? 'LayerNormalization' : 'SimplifiedLayerNormalization',
      inputs: ['x', ...perColumn],
      outputs: [result],
      ints: { axis: 1 },
      floats: { epsilon },
    }),
  };
}

function attention(task: AttentionTask): Made {
  if (task.causal) return groupQueryAttention(task);
  return task.seqLenQ === 1 ? cachedAttention(task) : multiHeadAttention(task);
}

/**
 * Grouped-query attention of one query to a cache, of which the node makes a copy with the last key and value in place. To have the
 * cache changed in place (its result in the input's buffer) took 1.30.0 three times as long on a software adapter.
 */
function cachedAttention(task: AttentionTask): Made {
  const { dtype, heads, kvHeads, seqLenKv, headDim } = task;
  const cache = { dtype, shape: [1, kvHeads, seqLenKv, headDim] };
  const added = { dtype, shape: [1, 1, kvHeads * headDim] };
  const lastRows = (operand: PeerOperand): PeerOperand => operand.lastRows([kvHeads, seqLenKv, headDim]);
  return {
    inputs: [
      { name: 'q', dtype, shape: [1, 1, heads * headDim] },
      { name: 'k', ...added },
      { name: 'v', ...added },
      { name: 'cacheKeys', ...cache },
      { name: 'cacheValues', ...cache },
    ],
    output: { dtype, shape: [1, 1, heads * headDim] },
    constants: keyCounts(task),
    node: (result) => groupQueryNode(task, result, ['cacheKeys', 'cacheValues']),
    arrange: ([q, k, v]) => [q!, lastRows(k!), lastRows(v!), k!, v!],
    restore: (result) => result,
  };
}

const keyCounts = ({ seqLenKv }: AttentionTask): readonly OnnxConstant[] => [
  { name: 'lastKey', dtype: 'i32', values: [seqLenKv - 1] },
  { name: 'keys', dtype: 'i32', values: [seqLenKv] },
];

function groupQueryNode(
  { heads, kvHeads, scale }: AttentionTask,
  result: string,
  cache: readonly [keys: string, values: string],
): OnnxNode {
  return {
    op: 'GroupQueryAttention',
    domain: 'com.microsoft',
    inputs: ['q', 'k', 'v', ...cache, 'lastKey', 'keys'],
    outputs: [result, `${result}Keys`, `${result}Values`],
    ints: { num_heads: heads, kv_num_heads: kvHeads },
    floats: { scale },
  };
}

/**
 * Attention without a mask: heads come after positions. It has as many heads of keys as of queries, so query heads that share keys
 * go as further queries of one head, which is the same where every query sees every key.
 */
function multiHeadAttention(task: AttentionTask): Made {
  const { dtype, heads, kvHeads, seqLenQ, seqLenKv, headDim, scale } = task;
  const queries = (heads / kvHeads) * seqLenQ;
  const shapeKv: readonly [number, number, number] = [kvHeads, seqLenKv, headDim];
  return {
    inputs: [
      { name: 'q', dtype, shape: [1, queries, kvHeads * headDim] },
      { name: 'k', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
      { name: 'v', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
    ],
    output: { dtype, shape: [1, queries, kvHeads * headDim] },
    node: (result) => ({
      op: 'MultiHeadAttention',
      domain: 'com.microsoft',
      inputs: ['q', 'k', 'v'],
      outputs: [result],
      ints: { num_heads: kvHeads },
      floats: { scale },
    }),
    arrange: ([q, k, v]) => [
      q!.swapped([kvHeads, queries, headDim]),
      k!.swapped(shapeKv),
      v!.swapped(shapeKv),
    ],
    restore: (result) => swapFirstAxes(result, [queries, kvHeads, headDim]),
  };
}

/** Grouped-query attention, which has no other mask than the causal one; heads come after positions. */
function groupQueryAttention(task: AttentionTask): Made {
  const { dtype, heads, kvHeads, seqLenQ, seqLenKv, headDim } = task;
  if (seqLenQ !== seqLenKv) throw new NotOffered('no causal attention to other keys');
  const shapeQ: readonly [number, number, number] = [heads, seqLenQ, headDim];
  const shapeKv: readonly [number, number, number] = [kvHeads, seqLenKv, headDim];
  return {
    inputs: [
      { name: 'q', dtype, shape: [1, seqLenQ, heads * headDim] },
      { name: 'k', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
      { name: 'v', dtype, shape: [1, seqLenKv, kvHeads * headDim] },
    ],
    output: { dtype, shape: [1, seqLenQ, heads * headDim] },
    constants: keyCounts(task),
    node: (result) => groupQueryNode(task, result, ['', '']),
    arrange: ([q, k, v]) => [q!.swapped(shapeQ), k!.swapped(shapeKv), v!.swapped(shapeKv)],
    restore: (result) => swapFirstAxes(result, [seqLenQ, heads, headDim]),
  };
}

/** The graph of each task that ONNX, or onnxruntime beyond it, has an operator for. */
export const ONNX_TASKS: Makers<Made> = {
  matmul: ({ dtype, m, n, k, transposeB }) => ({
    ...AS_IT_IS,
    // Exporters transpose weights for MatMul once and for all. Gemm would take them as they are; it was slower at one row.
    inputs: [
      { name: 'a', dtype, shape: [m, k] },
      { name: 'b', dtype, shape: [k, n], transposed: transposeB },
    ],
    output: { dtype, shape: [m, n] },
    node: (result) => ({ op: 'MatMul', inputs: ['a', 'b'], outputs: [result] }),
  }),
  softmax: ({ dtype, rows, columns, axis }) => ({
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns] },
    node: (result) => ({ op: 'Softmax', inputs: ['x'], outputs: [result], ints: { axis } }),
  }),
  cumsum: ({ dtype, rows, columns, axis }) => ({
    ...AS_IT_IS,
    inputs: [{ name: 'x', dtype, shape: [rows, columns] }],
    output: { dtype, shape: [rows, columns] },
    constants: [{ name: 'axis', dtype: 'i64', values: [axis] }],
    node: (result) => ({ op: 'CumSum', inputs: ['x', 'axis'], outputs: [result] }),
  }),
  rmsNorm: norm,
  layerNorm: norm,
  sum: reduction,
  mean: reduction,
  max: reduction,
  argmax,
  sort: topK,
  topK,
  attention,
};
