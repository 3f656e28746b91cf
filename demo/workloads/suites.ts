import type { Capabilities } from 'tilewise';
import { familyOf } from './families.ts';
import { LLAMA } from './llama.ts';
import type { AttentionWorkload, ElementType, ReductionWorkload, Workload } from './workload.ts';

/** A row of the table: a workload, and what it is in a person's words. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly workload: Workload;
}

/** Rows of one family, under one heading. */
export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** What a run consists of, and which rows it cannot have. */
export interface Suite {
  /** In words: which shapes, and why these. */
  readonly summary: string;
  readonly groups: readonly Group[];
  /** Sentences about what is left out. */
  readonly leftOut: readonly string[];
}

/** A workload but for its data type. */
type Untyped = (dtype: ElementType) => Workload;

/** The rows of a suite by family and title, each to be run in every data type. */
interface Plan {
  readonly summary: string;
  readonly groups: Readonly<Record<string, Readonly<Record<string, Untyped>>>>;
}

const product =
  (m: number, n: number, k: number): Untyped =>
  (dtype) => ({ family: 'matmul', m, n, k, dtype });

const heads =
  (sizes: Omit<AttentionWorkload, 'family' | 'dtype'>): Untyped =>
  (dtype) => ({ family: 'attention', ...sizes, dtype });

const reduction =
  (op: ReductionWorkload['op'], shape: readonly number[], axis?: number): Untyped =>
  (dtype) => ({ family: 'reduction', op, shape, ...(axis !== undefined && { axis }), dtype });

/** Tokens of a prompt that the suite of Llama's layers may have. */
const PROMPT_TOKENS = [2048, 1024, 512, 256] as const;

/** Keys in the cache when one more token is made. */
const CONTEXT = 4096;

/** The longest that one operation should keep a GPU busy: the screen waits meanwhile, and browsers end work of seconds. */
const LONGEST_NS = 1e8;

function llama(tokens: number): Plan {
  const { hidden, feedForward, vocabulary } = LLAMA;
  const sizes = { heads: LLAMA.heads, kvHeads: LLAMA.kvHeads, headDim: LLAMA.headDim };
  return {
    summary: `Layers of Llama-3.1-8B: a prompt of ${tokens} tokens, and one token after it.`,
    groups: {
      'Matrix product': {
        Square: product(2048, 2048, 2048),
        'Query projection, prompt': product(tokens, hidden, hidden),
        'Feed-forward, prompt': product(tokens, feedForward, hidden),
        'Feed-forward, next token': product(1, feedForward, hidden),
      },
      Attention: {
        'Causal, prompt': heads({ ...sizes, seqLenQ: tokens, seqLenKv: tokens, causal: true }),
        'Next token': heads({ ...sizes, seqLenQ: 1, seqLenKv: CONTEXT, causal: false }),
      },
      // Beyond the caches of most GPUs, so that it is the memory that is measured; the CPU path needs a multiple of it.
      'Reductions and softmax': reductions(2 ** 25, [4096, hidden], [128, vocabulary]),
    },
  };
}

function small(): Plan {
  const sizes = { heads: 4, kvHeads: 2, headDim: 64 };
  return {
    summary: 'Small shapes, which a processor computes in a moment.',
    groups: {
      'Matrix product': {
        Square: product(256, 256, 256),
        'Layer, prompt': product(65, 384, 512),
        'Layer, next token': product(1, 1024, 1024),
      },
      Attention: {
        'Causal, prompt': heads({ ...sizes, seqLenQ: 128, seqLenKv: 128, causal: true }),
        'Next token': heads({ ...sizes, seqLenQ: 1, seqLenKv: 512, causal: false }),
      },
      'Reductions and softmax': reductions(2 ** 20, [512, 1024], [64, 4001]),
    },
  };
}

function reductions(
  count: number,
  matrix: readonly number[],
  logits: readonly number[],
): Readonly<Record<string, Untyped>> {
  return {
    'Mean of everything': reduction('mean', [count]),
    'Sum of each row': reduction('sum', matrix, 1),
    'Maximum of each column': reduction('max', matrix, 0),
    'Likeliest word of each row': reduction('argmax', logits, 1),
    'Softmax of each row': reduction('softmax', matrix, 1),
  };
}

/**
 * The suite for an adapter: layers of Llama-3.1-8B on a GPU; small shapes on a processor, on a GPU too slow for them,
 * and on the CPU path.
 *
 * @param flopsPerSecond of a matrix product, measured; undefined for small shapes
 */
export function suiteFor(capabilities: Capabilities, flopsPerSecond: number | undefined): Suite {
  const tokens = flopsPerSecond === undefined ? undefined : promptTokens(flopsPerSecond);
  const { summary, groups } = tokens === undefined ? small() : llama(tokens);
  // The CPU path stores half precision, but computes everything in f64: a second row would show nothing new.
  const half = capabilities.f16 && capabilities.backend === 'webgpu';
  const limits = capabilities.limits;
  // What products bind whole. Reductions go in slices, but none of these is larger than what every adapter binds.
  const available = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const leftOut: string[] = [];
  if (!half && capabilities.backend === 'webgpu') {
    leftOut.push('This adapter has no half precision (the feature shader-f16), so there are no f16 rows.');
  }
  const fits = ({ title, workload }: Entry): boolean => {
    const needed = largestOperandBytes(workload);
    if (needed > available) {
      leftOut.push(
        `${title} in ${workload.dtype} is left out: it needs ${mebibytes(needed)} in one buffer, and this adapter ` +
          `binds at most ${mebibytes(available)}.`,
      );
    }
    return needed <= available;
  };
  return {
    summary,
    groups: Object.entries(groups).map(([title, rows]) => ({
      title,
      entries: entriesOf(title, rows, half ? ['f32', 'f16'] : ['f32']).filter(fits),
    })),
    leftOut,
  };
}

function entriesOf(
  group: string,
  rows: Readonly<Record<string, Untyped>>,
  dtypes: readonly ElementType[],
): Entry[] {
  return Object.entries(rows).flatMap(([title, workload]) =>
    dtypes.map((dtype) => ({ id: `${group}, ${title}, ${dtype}`, title, workload: workload(dtype) })),
  );
}

function promptTokens(flopsPerSecond: number): number | undefined {
  return PROMPT_TOKENS.find((tokens) => {
    const flops = 2 * tokens * LLAMA.feedForward * LLAMA.hidden;
    return (flops / flopsPerSecond) * 1e9 <= LONGEST_NS;
  });
}

/** No result of the shapes above is larger than the largest operand. */
function largestOperandBytes(workload: Workload): number {
  const sizes = familyOf(workload)
    .operands(workload)
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return Math.max(...sizes) * (workload.dtype === 'f16' ? 2 : 4);
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
