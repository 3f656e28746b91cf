// Plans are kept by the keys of their problems: problems that differ in any field must not share one. The fields are listed by type, so
// that one which is added later is missed by the compiler.
import { describe, expect, it } from 'vitest';
import { attentionOperation, writeRowsOperation } from '../../src/kernels/checked.ts';
import { attentionProblem } from '../../src/kernels/attention/cases.ts';
import type { AttentionProblem } from '../../src/reference/attention.ts';
import type { WriteRowsProblem } from '../../src/reference/writeRows.ts';

/** For each field one or more values that none of the others has. */
type Values<P> = { readonly [Name in keyof Required<P>]: readonly NonNullable<P[Name]>[] };

function expectDistinct<P extends object>(key: (problem: P) => string, base: P, values: Values<P>): void {
  const problems = [
    base,
    ...Object.entries<readonly unknown[]>(values).flatMap(([name, others]) =>
      others.map((value) => ({ ...base, [name]: value })),
    ),
  ];
  const keys = problems.map(key);
  for (const [index, one] of keys.entries())
    expect(
      keys.filter((other) => other === one),
      `key of ${JSON.stringify(problems[index])}`,
    ).toHaveLength(1);
}

const first = { batch: 0, head: 0, kvHead: 0, query: 0 };

describe('the key of a problem says all of', () => {
  it('attention', () => {
    const base = attentionProblem(2, 3, 8);
    const part = { whole: base, first, bound: {} };
    const values: Values<AttentionProblem> = {
      batch: [5],
      heads: [6],
      kvHeads: [7],
      seqLenQ: [9],
      seqLenKv: [10],
      headDim: [11],
      headDimV: [12],
      dtype: ['f16'],
      scale: [13, -13],
      layout: ['bshd', 'packed', 'bhsd'],
      tokens: [
        { q: 1, kv: 2 },
        { q: 2, kv: 1 },
      ],
      alignment: ['lower-right', 14],
      left: [15],
      right: [15],
      softcap: [15],
      mask: [
        { dtype: 'f32', shape: [1, 1, 1, 3] },
        { dtype: 'u32', shape: [1, 1, 1, 3] },
      ] as unknown as readonly NonNullable<AttentionProblem['mask']>[],
      alibi: ['heads', 'batch'],
      sinks: [true],
      lengths: [true],
      cache: [
        { kind: 'linear' },
        { kind: 'ring' },
        { kind: 'paged', blocks: 1, blockSize: 2 },
        { kind: 'paged', blocks: 2, blockSize: 1 },
      ],
      quantised: [true],
      logSumExp: [true],
      part: [part, { ...part, first: { ...first, head: 1 } }],
    };
    expectDistinct((problem: AttentionProblem) => attentionOperation.key(problem), base, values);
  });

  it('rows that are written', () => {
    const base: WriteRowsProblem = {
      batch: 1,
      heads: 2,
      seqLen: 3,
      headDim: 32,
      dtype: 'f32',
      layout: 'bhsd',
    };
    const start = { batch: 0, head: 0, token: 0 };
    const values: Values<WriteRowsProblem> = {
      batch: [4],
      heads: [4],
      seqLen: [4],
      headDim: [4],
      dtype: ['f16'],
      layout: ['bshd'],
      rotary: [
        { dim: 8, rows: 16, interleaved: false },
        { dim: 16, rows: 8, interleaved: false },
        { dim: 8, rows: 16, interleaved: true },
      ],
      cache: [
        { layout: { kind: 'linear' }, capacity: 8 },
        { layout: { kind: 'ring' }, capacity: 8 },
        { layout: { kind: 'linear' }, capacity: 9 },
      ],
      quantised: [true],
      part: [{ whole: base, first: start, rows: [0, 1], angles: [0, 1], bound: {} }],
    };
    expectDistinct((problem: WriteRowsProblem) => writeRowsOperation.key(problem), base, values);
  });
});
