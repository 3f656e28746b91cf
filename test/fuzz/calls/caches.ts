import * as fc from 'fast-check';
import { attentionOperation } from '../../../src/kernels/attention/index.ts';
import type { KeyValueCacheOptions } from '../../../src/node.ts';
import type { Operand } from '../perform.ts';
import {
  call,
  choiceOf,
  defined,
  flag,
  floating,
  maybe,
  onceIn,
  plainOperands,
  ref,
  smallSize,
  type Family,
  type Spec,
} from './values.ts';

/** What a cache is, apart from its size. */
const kind = fc
  .record({
    kind: fc.constantFrom('linear', 'ring', 'paged'),
    dtype: floating,
    headDim: fc.constantFrom(8, 32, 64, 96),
    headDimV: fc.constantFrom(undefined, undefined, 32, 64),
    quantised: flag,
    layout: fc.constantFrom(undefined, 'bshd'),
  })
  // Of halves a code often lies right between two, and is rounded either way.
  .map(({ quantised, ...one }) => ({
    ...one,
    quantised: quantised && one.dtype === 'f32' && one.headDim !== 8,
  }));

const place = fc.record({
  batch: smallSize,
  kvHeads: fc.integer({ min: 1, max: 2 }),
  capacity: fc.integer({ min: 8, max: 40 }),
  blockSize: fc.constantFrom(1, 3, 4, 16),
  turned: flag,
});

type Kind = typeof kind extends fc.Arbitrary<infer T> ? T : never;
type Place = typeof place extends fc.Arbitrary<infer T> ? T : never;

/** The options of a cache, and its table of blocks where it has one: each sequence's lie apart, and in any order. */
function cacheOf(
  { kind: of, dtype, headDim, headDimV, quantised }: Kind,
  { batch, kvHeads, capacity, blockSize, turned }: Place,
): { readonly options: KeyValueCacheOptions; readonly blockTable: readonly number[] | undefined } {
  const common = { kvHeads, headDim, dtype: dtype as 'f32' | 'f16', quantised };
  const row = headDimV === undefined ? {} : { headDimV };
  if (of !== 'paged')
    return {
      options: { kind: of, batch, capacity, ...common, ...row },
      blockTable: undefined,
    };
  const each = Math.ceil(capacity / blockSize);
  const table = Array.from({ length: batch * each }, (_, i) => (turned ? batch * each - i : i));
  return {
    options: { kind: 'paged', blocks: batch * each + 1, blockSize, ...common, ...row },
    blockTable: table,
  };
}

const rowsOf = (
  layout: string | undefined,
  batch: number,
  heads: number,
  length: number,
  dim: number,
): number[] => (layout === 'bshd' ? [batch, length, heads, dim] : [batch, heads, length, dim]);

/** Operands whose rows are what codes stand for, as they lie in memory. */
const inCodes = (given: readonly Operand[]): Operand[] =>
  given.map(({ view, ...one }) => ({
    ...one,
    coded: true,
    ...(view?.kind === 'slice' && view.axis < one.shape.length - 1 && { view }),
  }));

/** Some tokens, some more behind them, a query to all of them: a ring may go round. */
export const decodeSteps: Family = fc
  .record({
    kind,
    sinks: onceIn(3),
    causal: flag,
    left: maybe(fc.nat({ max: 9 })),
    choice: choiceOf(attentionOperation),
  })
  .map(({ kind: one, sinks, causal, left, choice }) =>
    fc
      .record({
        place,
        share: fc.integer({ min: 1, max: 3 }),
        steps: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
        uploaded: flag,
      })
      .chain(({ place: where, share, steps, uploaded }) => {
        const { batch, kvHeads, capacity } = where;
        const { options, blockTable } = cacheOf(one, where);
        // A ring forgets what came before; elsewhere all has to fit.
        const fitting = one.kind === 'ring' ? steps : steps.filter((_, i) => 5 * (i + 1) <= capacity);
        const list: Spec[] = [];
        const add = (spec: Spec): { readonly operand: number } => {
          list.push(spec);
          return ref(list.length - 1);
        };
        let length = 0;
        const writes = fitting.map((seqLen) => {
          const k = add([rowsOf(one.layout, batch, kvHeads, seqLen, one.headDim), one.dtype]);
          const v = add([rowsOf(one.layout, batch, kvHeads, seqLen, one.headDimV ?? one.headDim), one.dtype]);
          const positions = Array.from({ length: batch }, () => length);
          length += seqLen;
          return { k, v, options: defined({ positions, blockTable, layout: one.layout }) };
        });
        const seqLenQ = fitting.at(-1)!;
        const q = add([rowsOf(one.layout, batch, kvHeads * share, seqLenQ, one.headDim), one.dtype]);
        const read = {
          blockTable,
          layout: one.layout,
          causal: causal || undefined,
          ...(left !== undefined && { window: { left } }),
          ...(sinks && { sinks: add([[kvHeads * share], 'f32']) }),
          ...choice,
        };
        const lengths = Array.from({ length: batch }, () => length);
        const given = plainOperands(...list);
        return call('decodeStep', one.quantised ? given.map(inCodes) : given, [
          q,
          options,
          writes,
          defined({ ...read, lengths }),
          uploaded,
        ]);
      }),
  );

/** What a cache holds after a write, rotated or not: all of it, since it held zeros before. */
export const cacheWrites: Family = fc
  .record({ kind, rotated: flag, interleaved: flag })
  .map(({ kind: one, rotated, interleaved }) =>
    fc
      .record({ place, seqLen: fc.integer({ min: 1, max: 7 }), first: fc.nat({ max: 9 }) })
      .chain(({ place: where, seqLen, first }) => {
        const { batch, kvHeads, capacity } = where;
        const { options, blockTable } = cacheOf(one, where);
        const positions = Array.from({ length: batch }, (_, i) =>
          one.kind === 'ring' ? first + 7 * i : Math.min(first, capacity - seqLen),
        );
        const list: Spec[] = [
          [rowsOf(one.layout, batch, kvHeads, seqLen, one.headDim), one.dtype],
          [rowsOf(one.layout, batch, kvHeads, seqLen, one.headDimV ?? one.headDim), one.dtype],
        ];
        // A code right between two may be rounded either way where the number has been rounded before.
        const turns = rotated && !one.quantised;
        if (turns) list.push([[64, one.headDim / 2], 'f32'], [[64, one.headDim / 2], 'f32']);
        return call('writtenCache', plainOperands(...list), [
          options,
          ref(0),
          ref(1),
          defined({
            positions,
            blockTable,
            layout: one.layout,
            rotary: turns ? { cos: ref(2), sin: ref(3), interleaved } : undefined,
          }),
        ]);
      }),
  );
