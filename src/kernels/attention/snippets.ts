// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import keyValueInt8 from '../../../shaders/lib/keyValue/int8.wgsl?raw';
import keyValueQuads from '../../../shaders/lib/keyValue/quads.wgsl?raw';
import keyValueScalar from '../../../shaders/lib/keyValue/scalar.wgsl?raw';
import logSumExpNone from '../../../shaders/lib/logSumExp/none.wgsl?raw';
import logSumExpStore from '../../../shaders/lib/logSumExp/store.wgsl?raw';
import scoreBiasAlibi from '../../../shaders/lib/scoreBias/alibi.wgsl?raw';
import scoreBiasNone from '../../../shaders/lib/scoreBias/none.wgsl?raw';
import scoreMaskAdditive from '../../../shaders/lib/scoreMask/additive.wgsl?raw';
import scoreMaskBoolean from '../../../shaders/lib/scoreMask/boolean.wgsl?raw';
import scoreMaskNone from '../../../shaders/lib/scoreMask/none.wgsl?raw';
import sequenceDense from '../../../shaders/lib/sequence/dense.wgsl?raw';
import sequenceLengths from '../../../shaders/lib/sequence/lengths.wgsl?raw';
import sequencePacked from '../../../shaders/lib/sequence/packed.wgsl?raw';
import sequenceRing from '../../../shaders/lib/sequence/ring.wgsl?raw';
import smallBehindStatistics from '../../../shaders/lib/smallInput/behindStatistics.wgsl?raw';
import smallJoined from '../../../shaders/lib/smallInput/joined.wgsl?raw';
import smallJoinedBuffer from '../../../shaders/lib/smallInput/joinedBuffer.wgsl?raw';
import smallLengths from '../../../shaders/lib/smallInput/lengths.wgsl?raw';
import smallOffsets from '../../../shaders/lib/smallInput/offsets.wgsl?raw';
import smallSinks from '../../../shaders/lib/smallInput/sinks.wgsl?raw';
import smallSlopes from '../../../shaders/lib/smallInput/slopes.wgsl?raw';
import sinkLogit from '../../../shaders/lib/sink/logit.wgsl?raw';
import sinkNone from '../../../shaders/lib/sink/none.wgsl?raw';

/** `sequenceOf(batch)`, by how attention's sequences lie; `lengths` and `ring` expect `lengthAt`, `packed` `offsetsAt`. */
export const sequence: Readonly<Record<'dense' | 'lengths' | 'ring' | 'packed', ShaderPart>> = {
  dense: { path: 'lib/sequence/dense.wgsl', code: sequenceDense },
  lengths: { path: 'lib/sequence/lengths.wgsl', code: sequenceLengths },
  ring: { path: 'lib/sequence/ring.wgsl', code: sequenceRing },
  packed: { path: 'lib/sequence/packed.wgsl', code: sequencePacked },
};

/**
 * `keyElement(at)` and `valueElement(at)` (`scalar`, `int8`), `keyQuad(at)` and `valueQuad(at)` (`quads`, `int8`) of attention;
 * declares bindings 2 and 3, `int8` also 13 and 14.
 */
export const keyValue: Readonly<Record<'scalar' | 'quads' | 'int8', ShaderPart>> = {
  scalar: { path: 'lib/keyValue/scalar.wgsl', code: keyValueScalar },
  quads: { path: 'lib/keyValue/quads.wgsl', code: keyValueQuads },
  int8: { path: 'lib/keyValue/int8.wgsl', code: keyValueInt8 },
};

/** `HAS_MASK` and `masked(score, row, key)` of attention; binding 6. */
export const scoreMask: Readonly<Record<'none' | 'additive' | 'boolean', ShaderPart>> = {
  none: { path: 'lib/scoreMask/none.wgsl', code: scoreMaskNone },
  additive: { path: 'lib/scoreMask/additive.wgsl', code: scoreMaskAdditive },
  boolean: { path: 'lib/scoreMask/boolean.wgsl', code: scoreMaskBoolean },
};

/** `biased(score, row, key)` of attention; `alibi` expects `slopeAt`. */
export const scoreBias: Readonly<Record<'none' | 'alibi', ShaderPart>> = {
  none: { path: 'lib/scoreBias/none.wgsl', code: scoreBiasNone },
  alibi: { path: 'lib/scoreBias/alibi.wgsl', code: scoreBiasAlibi },
};

/** `HAS_SINK` and `sinkOf(head)` of attention; `logit` expects `sinkAt`. */
export const sink: Readonly<Record<'none' | 'logit', ShaderPart>> = {
  none: { path: 'lib/sink/none.wgsl', code: sinkNone },
  logit: { path: 'lib/sink/logit.wgsl', code: sinkLogit },
};

/** `storeLogSumExp(at, value)` of attention; binding 5. */
export const logSumExp: Readonly<Record<'none' | 'store', ShaderPart>> = {
  none: { path: 'lib/logSumExp/none.wgsl', code: logSumExpNone },
  store: { path: 'lib/logSumExp/store.wgsl', code: logSumExpStore },
};

/** `slopeAt(index)`; binding 7. */
export const slopes: ShaderPart = { path: 'lib/smallInput/slopes.wgsl', code: smallSlopes };

/** `sinkAt(index)`; binding 8. */
export const sinks: ShaderPart = { path: 'lib/smallInput/sinks.wgsl', code: smallSinks };

/** `lengthAt(index)`; binding 9. */
export const lengths: ShaderPart = { path: 'lib/smallInput/lengths.wgsl', code: smallLengths };

/** `offsetsAt(index)`; bindings 10 and 11. */
export const offsets: ShaderPart = { path: 'lib/smallInput/offsets.wgsl', code: smallOffsets };

/** All of these and `blockAt(index)`, given `joinedWord(index)`, which `buffer` takes from binding 7, `behindStatistics` from 5. */
export const joined: Readonly<Record<'inputs' | 'buffer' | 'behindStatistics', ShaderPart>> = {
  inputs: { path: 'lib/smallInput/joined.wgsl', code: smallJoined },
  buffer: { path: 'lib/smallInput/joinedBuffer.wgsl', code: smallJoinedBuffer },
  behindStatistics: { path: 'lib/smallInput/behindStatistics.wgsl', code: smallBehindStatistics },
};
