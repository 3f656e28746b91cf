import { LLAMA } from '../workloads/llama.ts';
import type { Workload } from '../workloads/workload.ts';

/** What rates are given in, and how energy is. */
export interface RateUnit {
  readonly name: string;
  /** Work done for each joule, from the rate and the power: shown as `perJoule`. */
  readonly perJoule: string;
  readonly perJouleScale: number;
}

export const UNITS = {
  tflops: { name: 'TFLOP/s', perJoule: 'GFLOP/J', perJouleScale: 1e3 },
  gigabytesPerSecond: { name: 'GB/s', perJoule: 'GB/J', perJouleScale: 1 },
  tokensPerSecond: { name: 'tokens/s', perJoule: 'tokens/J', perJouleScale: 1 },
} as const satisfies Readonly<Record<string, RateUnit>>;

interface CommonWorkload {
  readonly id: string;
  readonly title: string;
}

/** An operation at a shape. */
export interface OperationWorkload extends CommonWorkload {
  readonly kind: 'operation';
  readonly rate: 'tflops' | 'gigabytesPerSecond';
  /** The work; of what reads a stream of numbers, as much as tells its rate. */
  readonly local: Workload;
}

/** A language model that serves requests of one length. */
export interface ModelWorkload extends CommonWorkload {
  readonly kind: 'model';
  readonly model: string;
  readonly rate: 'tokensPerSecond';
}

export type CloudWorkload = OperationWorkload | ModelWorkload;

/** Requests that models are estimated to serve. */
export const REQUESTS = { inputTokens: 1024, outputTokens: 256 };

/** What the sum reads: far beyond what caches hold. */
export const STREAM_BYTES = 2 ** 30;

const PROMPT = 2048;
const { hidden, feedForward, heads, kvHeads, headDim } = LLAMA;

/** What can be compared: operations of one layer, and whole models. */
export const CLOUD_WORKLOADS: readonly CloudWorkload[] = [
  {
    id: 'matmul-prompt',
    title: 'Matrix product, prompt of 2,048 tokens',
    kind: 'operation',
    rate: 'tflops',
    local: { family: 'matmul', m: PROMPT, n: feedForward, k: hidden, dtype: 'f16' },
  },
  {
    id: 'matmul-token',
    title: 'Matrix product, next token',
    kind: 'operation',
    rate: 'gigabytesPerSecond',
    local: { family: 'matmul', m: 1, n: feedForward, k: hidden, dtype: 'f16' },
  },
  {
    id: 'attention-prompt',
    title: 'Attention, prompt of 2,048 tokens',
    kind: 'operation',
    rate: 'tflops',
    local: {
      family: 'attention',
      heads,
      kvHeads,
      seqLenQ: PROMPT,
      seqLenKv: PROMPT,
      headDim,
      causal: true,
      dtype: 'f16',
    },
  },
  {
    id: 'sum',
    title: 'Sum of 268 million numbers',
    kind: 'operation',
    rate: 'gigabytesPerSecond',
    // Beyond what caches hold; a gigabyte is more than a page should ask for.
    local: { family: 'reduction', op: 'sum', shape: [2 ** 13, 2 ** 13], axis: 1, dtype: 'f32' },
  },
  ...(
    [
      ['llama-3.1-8b', 'Llama-3.1-8B'],
      ['llama-3.1-70b', 'Llama-3.1-70B'],
      ['llama-3.1-405b', 'Llama-3.1-405B'],
    ] as const
  ).map(([model, title]): ModelWorkload => ({
    id: model,
    title: `${title} in fp8, serving requests`,
    kind: 'model',
    model,
    rate: 'tokensPerSecond',
  })),
];
