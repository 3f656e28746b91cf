import * as fc from 'fast-check';
import { gateOperation } from '../../../src/kernels/gate/index.ts';
import {
  activation,
  anyDtype,
  call,
  choiceOf,
  defined,
  flag,
  floating,
  operands,
  plainOperands,
  ref,
  shape,
  smallSize,
  type Family,
} from './values.ts';

export const gates: Family = fc
  .tuple(floating, activation, choiceOf(gateOperation))
  .map(([dtype, act, choice]) =>
    shape.chain((sizes) =>
      call('gate', plainOperands([sizes, dtype], [sizes, dtype]), [ref(0), ref(1), { ...act, ...choice }]),
    ),
  );

export const casts: Family = fc
  .tuple(anyDtype, anyDtype)
  .map(([from, to]) => shape.chain((sizes) => call('cast', operands([sizes, from]), [ref(0), to])));

export const writes: Family = anyDtype.map((dtype) =>
  fc
    .tuple(shape, fc.integer({ min: 1, max: 5000 }))
    .chain(([sizes, piece]) => call('writtenFrom', operands([sizes, dtype]), [ref(0), piece])),
);

/** Copies of views of views. */
export const copies: Family = anyDtype.map((dtype) =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      smallSize,
      smallSize,
      flag,
    )
    .chain(([sizes, a, b, sliced]) =>
      call('viewed', operands([sizes, dtype]), [ref(0), a % sizes.length, b % sizes.length, sliced]),
    ),
);

export const rotations: Family = fc
  .tuple(fc.constantFrom(2, 6, 8, 32, 64), floating, flag, fc.constantFrom(undefined, 'bhsd', 'bshd'))
  .map(([dim, dtype, interleaved, layout]) =>
    fc
      .tuple(smallSize, smallSize, fc.integer({ min: 1, max: 9 }), fc.nat({ max: dim / 2 }), flag)
      .chain(([batch, second, third, pairs, given]) =>
        call(
          'rotary',
          operands([[batch, second, third, dim], dtype], [[32, pairs], 'f32'], [[32, pairs], 'f32']),
          [
            ref(0),
            { cos: ref(1), sin: ref(2), interleaved },
            defined({ layout, ...(given && { positions: Array.from({ length: batch }, (_, i) => 9 * i) }) }),
          ],
        ),
      ),
  );
