import * as fc from 'fast-check';
import type { Call } from '../perform.ts';
import { attentions, packedAttentions } from './attention.ts';
import { cacheWrites, decodeSteps } from './caches.ts';
import { casts, copies, gates, rotations, writes } from './elements.ts';
import { groupedProducts, products, quantizations, quantizedProducts } from './matmul.ts';
import {
  compactions,
  customReductions,
  histograms,
  reductions,
  scans,
  segmentReductions,
  segmentScans,
} from './reductions.ts';
import { norms, samples, softmaxes, sorts } from './rows.ts';
import type { Family } from './values.ts';
import { disturbed, misuses } from './wrong.ts';

const FAMILIES: readonly { readonly weight: number; readonly arbitrary: Family }[] = [
  { weight: 8, arbitrary: products },
  { weight: 2, arbitrary: groupedProducts },
  { weight: 4, arbitrary: quantizedProducts },
  { weight: 1, arbitrary: quantizations },
  { weight: 8, arbitrary: attentions },
  { weight: 3, arbitrary: packedAttentions },
  { weight: 3, arbitrary: decodeSteps },
  { weight: 2, arbitrary: cacheWrites },
  { weight: 7, arbitrary: reductions },
  { weight: 2, arbitrary: customReductions },
  { weight: 5, arbitrary: norms },
  { weight: 4, arbitrary: softmaxes },
  { weight: 4, arbitrary: scans },
  { weight: 2, arbitrary: segmentReductions },
  { weight: 2, arbitrary: segmentScans },
  { weight: 5, arbitrary: sorts },
  { weight: 2, arbitrary: samples },
  { weight: 1, arbitrary: histograms },
  { weight: 2, arbitrary: compactions },
  { weight: 1, arbitrary: gates },
  { weight: 2, arbitrary: casts },
  { weight: 2, arbitrary: copies },
  { weight: 1, arbitrary: rotations },
  { weight: 1, arbitrary: writes },
  { weight: 1, arbitrary: misuses },
];

/** Whoever captures must not wait. */
const WAITING = new Set(['quantizeAndMultiply', 'writtenFrom']);

/** What chooses among its operands, or moves them: exact wherever the type ends. Sums of such numbers overflow in one order and not in another. */
const CHOOSING =
  /^(max|min|arg\w+|sort|sortBy|topK|cast|viewed|compact|nonzero|histogram|any|all|softmax|logSumExp)$/;

/** With numbers at the ends of their types, where that can be judged, or too small for normal ones. */
const atTheEdge = (calls: fc.Arbitrary<Call>): fc.Arbitrary<Call> =>
  calls.map((given) => ({
    ...given,
    operands: given.operands.map((one) => ({
      ...one,
      distribution: CHOOSING.test(given.op) || !one.dtype.includes('f') ? 'edges' : 'subnormal',
    })),
  }));

/** Most calls are right, some are captured, some have something wrong about them. */
const variation = (calls: fc.Arbitrary<Call>): fc.Arbitrary<Call> =>
  fc.oneof(
    { weight: 7, arbitrary: calls },
    { weight: 1, arbitrary: atTheEdge(calls) },
    {
      weight: 1,
      arbitrary: calls.map((given) => (WAITING.has(given.op) ? given : { ...given, captured: true })),
    },
    { weight: 2, arbitrary: disturbed(calls) },
  );

/** So many calls of the whole API at a time, with one option set, since compiling shaders is what takes the time. */
export const rounds = (length: number): fc.Arbitrary<Call[]> =>
  fc
    .oneof(...FAMILIES)
    .chain((calls) => fc.array(variation(calls), { minLength: length, maxLength: length }));
