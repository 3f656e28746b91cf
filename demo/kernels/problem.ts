import * as v from 'valibot';
import { formatRoute } from '../frame/route.ts';
import type { ElementType, Workload } from '../workloads/workload.ts';

/** A size that can be typed in: whole, and no larger than a processor draws and checks in a moment. */
interface Size {
  readonly name: string;
  readonly label: string;
  readonly most: number;
}

/** An operation that the view offers, with the sizes that its problem has. */
export interface ProblemKind {
  readonly id: string;
  readonly title: string;
  readonly sizes: readonly Size[];
  /** On a GPU, and on a processor that stands in for one. */
  readonly defaults: { readonly hardware: readonly number[]; readonly software: readonly number[] };
  workload(sizes: readonly number[], dtype: ElementType): Workload;
}

const LONGEST = 16384;
const size = (name: string, label: string, most = LONGEST): Size => ({ name, label, most });

const attention = (causal: boolean): ProblemKind['workload'] => {
  return ([heads, kvHeads, seqLenQ, seqLenKv, headDim], dtype) => ({
    family: 'attention',
    heads: heads!,
    kvHeads: kvHeads!,
    seqLenQ: seqLenQ!,
    seqLenKv: seqLenKv!,
    headDim: headDim!,
    causal,
    dtype,
  });
};
const ATTENTION_SIZES = [
  size('heads', 'heads', 64),
  size('kvHeads', 'key heads', 64),
  size('seqLenQ', 'queries', 4096),
  size('seqLenKv', 'keys'),
  size('headDim', 'head dimension', 256),
];

const rows = (op: 'sum' | 'softmax'): ProblemKind['workload'] => {
  return ([count, length], dtype) => ({ family: 'reduction', op, shape: [count!, length!], axis: 1, dtype });
};
const ROW_SIZES = [size('rows', 'rows', 8192), size('length', 'length')];

/** What can be looked at. */
export const PROBLEMS: readonly ProblemKind[] = [
  {
    id: 'matmul',
    title: 'Matrix product',
    sizes: [size('m', 'm'), size('n', 'n'), size('k', 'k')],
    defaults: { hardware: [2048, 2048, 2048], software: [256, 256, 256] },
    workload: ([m, n, k], dtype) => ({ family: 'matmul', m: m!, n: n!, k: k!, dtype }),
  },
  {
    id: 'attention',
    title: 'Attention, causal',
    sizes: ATTENTION_SIZES,
    defaults: { hardware: [32, 8, 1024, 1024, 128], software: [4, 2, 128, 128, 64] },
    workload: attention(true),
  },
  {
    id: 'decode',
    title: 'Attention, next token',
    sizes: ATTENTION_SIZES,
    defaults: { hardware: [32, 8, 1, 8192, 128], software: [4, 2, 1, 1024, 64] },
    workload: attention(false),
  },
  {
    id: 'sum',
    title: 'Sum of each row',
    sizes: ROW_SIZES,
    defaults: { hardware: [4096, 8192], software: [64, 4096] },
    workload: rows('sum'),
  },
  {
    id: 'softmax',
    title: 'Softmax of each row',
    sizes: ROW_SIZES,
    defaults: { hardware: [4096, 8192], software: [64, 4096] },
    workload: rows('softmax'),
  },
];

export const problemOf = (id: string): ProblemKind => PROBLEMS.find((problem) => problem.id === id)!;

/** What is looked at: a problem, and what was chosen by hand. */
export interface Chosen {
  readonly kind: ProblemKind;
  readonly sizes: readonly number[];
  readonly dtype: ElementType;
  /** Empty to leave it to the library. */
  readonly kernel: string;
  /** Empty to leave it to the kernel's heuristic. */
  readonly config: Readonly<Record<string, number | boolean>>;
}

export function firstChoice(kind: ProblemKind, software: boolean): Chosen {
  const sizes = kind.defaults[software ? 'software' : 'hardware'];
  return { kind, sizes, dtype: 'f32', kernel: '', config: {} };
}

/** The address under which a workload can be looked into; undefined for one that the view does not offer. */
export function addressOf(workload: Workload): string | undefined {
  const chosen = chosenOf(workload);
  return (
    chosen &&
    formatRoute('kernels', formatChosen({ ...chosen, dtype: workload.dtype, kernel: '', config: {} }))
  );
}

function chosenOf(workload: Workload): Pick<Chosen, 'kind' | 'sizes'> | undefined {
  if (workload.family === 'matmul') {
    return { kind: problemOf('matmul'), sizes: [workload.m, workload.n, workload.k] };
  }
  if (workload.family === 'attention') {
    const { heads, kvHeads, seqLenQ, seqLenKv, headDim, causal } = workload;
    return {
      kind: problemOf(causal ? 'attention' : 'decode'),
      sizes: [heads, kvHeads, seqLenQ, seqLenKv, headDim],
    };
  }
  const { op, shape, axis } = workload;
  if ((op !== 'sum' && op !== 'softmax') || shape.length !== 2 || axis !== 1) return undefined;
  return { kind: problemOf(op), sizes: shape };
}

/** Elements of one operand at most: some hundred megabytes would stop a phone. */
const MOST_ELEMENTS = 2 ** 26;

/** A sentence where a size is out of bounds. */
export function faultOf({ kind, sizes }: Chosen): string | undefined {
  for (const [index, { label, most }] of kind.sizes.entries()) {
    const given = sizes[index]!;
    if (!(Number.isInteger(given) && given >= 1 && given <= most)) {
      return `${label}: a whole number from 1 to ${most} is needed.`;
    }
  }
  const largest = sizes.toSorted((a, b) => b - a).slice(0, 2);
  if (largest[0]! * (largest[1] ?? 1) > MOST_ELEMENTS)
    return 'These sizes make matrices too large for a page.';
  return undefined;
}

const stateSchema = v.object({
  op: v.picklist(PROBLEMS.map(({ id }) => id)),
  sizes: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split('x').map(Number)),
      v.array(v.pipe(v.number(), v.integer())),
    ),
  ),
  dtype: v.optional(v.picklist(['f32', 'f16']), 'f32'),
  kernel: v.optional(v.pipe(v.string(), v.maxLength(64)), ''),
  config: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.split(',').filter((part) => part !== '')),
      v.array(v.pipe(v.string(), v.regex(/^\w+:(\d+|true|false)$/))),
      v.transform((parts) => Object.fromEntries(parts.map(configEntry))),
    ),
    '',
  ),
});

function configEntry(part: string): [string, number | boolean] {
  const [name, value] = part.split(':') as [string, string];
  return [name, value === 'true' || (value !== 'false' && Number(value))];
}

/** What an address asks for; undefined where it asks for nothing that there is. */
export function parseChosen(state: URLSearchParams, software: boolean): Chosen | undefined {
  const parsed = v.safeParse(stateSchema, Object.fromEntries(state));
  if (!parsed.success) return undefined;
  const { op, sizes, dtype, kernel, config } = parsed.output;
  const first = firstChoice(problemOf(op), software);
  const chosen = { ...first, dtype, kernel, config, sizes: sizes ?? first.sizes };
  return chosen.sizes.length === first.sizes.length && faultOf(chosen) === undefined ? chosen : undefined;
}

export function formatChosen({ kind, sizes, dtype, kernel, config }: Chosen): Record<string, string> {
  const entries = Object.entries(config).map(([name, value]) => `${name}:${value}`);
  return {
    op: kind.id,
    sizes: sizes.join('x'),
    dtype,
    ...(kernel !== '' && { kernel }),
    ...(entries.length > 0 && { config: entries.join(',') }),
  };
}
