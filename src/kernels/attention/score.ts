import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import {
  absent,
  joined as joinedParts,
  keyValue,
  lengths as lengthsPart,
  logSumExp,
  offsets,
  scoreBias,
  scoreMask,
  sequence,
  sink,
  sinks as sinksPart,
  slopes,
} from './snippets.ts';
import { smallInputParts, type JoinedInputs } from './smallInputs.ts';
import { blockTable, keyRow } from '../lib.ts';
import { paramsPart } from './params.ts';
import { rangePart } from './range.ts';
import { softmaxPart } from './softmax.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** `Row`, `rowOf(sequence, batch, head, query)`, `scoreOf(product, row, key)`. */
const scorePart = part(attentionTexts, 'attention/score');

/** Rows, weights and the end of a row: all that `endingShader` may use. */
const endingParts: readonly ShaderPart[] = [paramsPart, rangePart, softmaxPart];

/** All that `featureShader` may use. */
export const featureParts: readonly ShaderPart[] = [
  ...endingParts,
  scorePart,
  ...smallInputParts,
  ...[sequence, absent, keyRow, keyValue, scoreMask, scoreBias, sink, logSumExp].flatMap((variants) =>
    Object.values(variants),
  ),
];

type Features = Required<Pick<ShaderSource, 'extensions' | 'aliases' | 'constants' | 'parts'>>;

/** How a shader reads q, k and v four elements at a time: a processor gathers words, and takes halves one by one. */
export const quadReads = ({ dtype }: AttentionProblem, { software }: Capabilities): 'quads' | 'halves' =>
  dtype === 'f16' && software ? 'halves' : 'quads';

/**
 * What a shader needs to find its way through the tensors and to make scores and weights, features and all: each feature
 * is a function that one of several files defines.
 *
 * @param reads how the shader reads k and v: `matrices` by itself
 * @param joined where the small inputs are, if not each in a buffer of its own
 * @param ends whether it is this pass that ends the rows: adds sinks, and stores logSumExp
 */
export function featureShader(
  problem: AttentionProblem,
  {
    reads,
    ends = true,
    joined,
  }: {
    readonly reads: 'scalar' | 'quads' | 'halves' | 'matrices';
    readonly ends?: boolean;
    readonly joined?: JoinedInputs | undefined;
  },
): Features {
  const { mask, alibi, softcap, cache, quantised, part } = problem;
  const base = endingShader(ends ? problem : { ...problem, sinks: false, logSumExp: false }, joined);
  const order = cache?.kind ?? 'linear';
  const inPart = order === 'paged' && part?.keys !== undefined;
  return {
    extensions: mask?.dtype === 'f16' ? ['f16'] : base.extensions,
    aliases: { ...base.aliases, ...(mask?.kind === 'additive' ? { MaskElem: mask.dtype } : {}) },
    constants: { SOFTCAP: softcap !== undefined },
    parts: [
      ...base.parts,
      scorePart,
      absent[inPart ? 'elsewhere' : 'none'],
      ...(alibi && !joined ? [slopes] : []),
      ...(order === 'paged' && !joined ? [blockTable] : []),
      keyRow[inPart ? 'pagedPart' : order === 'linear' ? 'straight' : order],
      ...(reads === 'matrices' ? [] : [keyValue[quantised ? 'int8' : reads]]),
      scoreMask[mask?.kind ?? 'none'],
      scoreBias[alibi ? 'alibi' : 'none'],
    ],
  };
}

/** The part of `featureShader` that a pass needs which only ends rows. */
export function endingShader(problem: AttentionProblem, joined?: JoinedInputs): Features {
  const { dtype, sinks, lengths, tokens, cache, part, logSumExp: wanted } = problem;
  const unpacked = cache?.kind === 'ring' ? 'ring' : lengths ? 'lengths' : 'dense';
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    // Results that are to be joined with others are in f32.
    aliases: { Elem: dtype, Out: part?.partial || part?.sums ? 'f32' : dtype },
    constants: {},
    parts: [
      ...endingParts,
      ...(joined
        ? [joinedParts[joined.behindStatistics ? 'behindStatistics' : 'buffer'], joinedParts.inputs]
        : [...(tokens ? [offsets] : lengths ? [lengthsPart] : []), ...(sinks ? [sinksPart] : [])]),
      sequence[tokens ? 'packed' : unpacked],
      sink[sinks ? 'logit' : 'none'],
      logSumExp[wanted ? 'store' : 'none'],
    ],
  };
}
