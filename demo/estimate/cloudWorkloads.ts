import type { Operation } from 'tilewise/estimate';

/** A workload to estimate, and which of its rates says how well an instance does it. */
export interface CloudWorkload {
  readonly title: string;
  readonly operation: Operation;
  readonly rate: 'tflops' | 'gigabytesPerSecond';
}

const HALF_BYTES = 2;
const LAYER = { hidden: 4096, feedForward: 14336, heads: 32, kvHeads: 8, headDim: 128 };

/** A prompt's tokens through the layer are bound by arithmetic, a single token's by memory. */
function feedForward(tokens: number): Operation {
  const { hidden, feedForward } = LAYER;
  return {
    name: `matmul ${tokens}x${feedForward}x${hidden} f16`,
    op: 'matmul',
    dtype: 'f16',
    unit: 'fp16Tensor',
    flops: 2 * tokens * hidden * feedForward,
    bytes: HALF_BYTES * (tokens * hidden + feedForward * hidden + tokens * feedForward),
  };
}

/** Causal: half of the pairs of query and key, and the diagonal. */
function causalAttention(tokens: number): Operation {
  const { heads, kvHeads, headDim } = LAYER;
  return {
    name: `attention ${tokens} f16 causal`,
    op: 'attention',
    dtype: 'f16',
    unit: 'fp16Tensor',
    flops: 4 * heads * headDim * ((tokens * (tokens + 1)) / 2),
    bytes: HALF_BYTES * 2 * tokens * headDim * (heads + kvHeads),
  };
}

function sumOf(count: number): Operation {
  return { name: `sum ${count} f32`, op: 'sum', dtype: 'f32', unit: 'fp32', flops: count, bytes: 4 * count };
}

/** What the page estimates: the families that it runs, at sizes of Llama-3.1-8B. */
export const CLOUD_WORKLOADS: readonly CloudWorkload[] = [
  { title: 'Matrix product, prompt of 2,048 tokens', operation: feedForward(2048), rate: 'tflops' },
  { title: 'Matrix product, next token', operation: feedForward(1), rate: 'gigabytesPerSecond' },
  { title: 'Attention, prompt of 2,048 tokens', operation: causalAttention(2048), rate: 'tflops' },
  { title: 'Sum of 268 million numbers', operation: sumOf(2 ** 28), rate: 'gigabytesPerSecond' },
];
