// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** `sequenceOf(batch)`, by how attention's sequences lie; `lengths` and `ring` expect `lengthAt`, `packed` `offsetsAt`. */
export const sequence = variants(attentionTexts, 'lib/sequence', ['dense', 'lengths', 'ring', 'packed']);

/**
 * `keyElement(at)` and `valueElement(at)` (`scalar`, `int8`), `keyQuad(at)` and `valueQuad(at)` (`quads`, `halves`, `int8`) of attention;
 * declares bindings 2 and 3, `int8` also 13 and 14.
 */
export const keyValue = variants(attentionTexts, 'lib/keyValue', ['scalar', 'quads', 'halves', 'int8']);

/** `QueryVector` and `queryQuad(vector)` of attention; declares q, binding 1, as an array of them. */
export const queryVector = variants(attentionTexts, 'lib/queryVector', ['quads', 'halves']);

/** `HAS_ABSENT` and `isAbsent(batch, key)` of attention. */
export const absent = variants(attentionTexts, 'lib/absent', ['none', 'elsewhere']);

/** `HAS_MASK` and `masked(score, row, key)` of attention; binding 6. */
export const scoreMask = variants(attentionTexts, 'lib/scoreMask', ['none', 'additive', 'boolean']);

/** `biased(score, row, key)` of attention; `alibi` expects `slopeAt`. */
export const scoreBias = variants(attentionTexts, 'lib/scoreBias', ['none', 'alibi']);

/** `HAS_SINK` and `sinkOf(head)` of attention; `logit` expects `sinkAt`. */
export const sink = variants(attentionTexts, 'lib/sink', ['none', 'logit']);

/** `storeLogSumExp(at, value)` of attention; binding 5. */
export const logSumExp = variants(attentionTexts, 'lib/logSumExp', ['none', 'store']);

/** `slopeAt(index)`; binding 7. */
export const slopes = part(attentionTexts, 'lib/smallInput/slopes');

/** `sinkAt(index)`; binding 8. */
export const sinks = part(attentionTexts, 'lib/smallInput/sinks');

/** `lengthAt(index)`; binding 9. */
export const lengths = part(attentionTexts, 'lib/smallInput/lengths');

/** `offsetsAt(index)`; bindings 10 and 11. */
export const offsets = part(attentionTexts, 'lib/smallInput/offsets');

/** All of these and `blockAt(index)`, given `joinedWord(index)`, which `buffer` takes from binding 7, `behindStatistics` from 5. */
export const joined = {
  inputs: part(attentionTexts, 'lib/smallInput/joined'),
  buffer: part(attentionTexts, 'lib/smallInput/joinedBuffer'),
  behindStatistics: part(attentionTexts, 'lib/smallInput/behindStatistics'),
};
