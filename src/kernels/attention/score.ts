import type { AttentionProblem } from '../../reference/attention.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/compose.ts';
import { logSumExp, scoreBias, scoreMask, sequence, sink } from '../lib.ts';
import { paramsPart } from './params.ts';
import { rangePart } from './range.ts';
import { softmaxPart } from './softmax.ts';
import source from '../../../shaders/attention/score.wgsl?raw';

/** `Row`, `rowOf(sequence, batch, head, query)`, `scoreOf(product, row, key)`. */
const scorePart: ShaderPart = { path: 'attention/score.wgsl', code: source };

/** Rows, weights and the end of a row: all that `endingShader` may use. */
const endingParts: readonly ShaderPart[] = [paramsPart, rangePart, softmaxPart];

/** All that `featureShader` may use. */
export const featureParts: readonly ShaderPart[] = [
  ...endingParts,
  scorePart,
  ...[sequence, scoreMask, scoreBias, sink, logSumExp].flatMap((variants) => Object.values(variants)),
];

type Features = Required<Pick<ShaderSource, 'extensions' | 'aliases' | 'constants' | 'parts'>>;

/**
 * What a shader needs to find its way through the tensors and to make scores and weights, features and all: each feature
 * is a function that one of several files defines.
 *
 * @param ends whether it is this pass that ends the rows: adds sinks, and stores logSumExp
 */
export function featureShader(
  problem: AttentionProblem,
  { ends = true }: { readonly ends?: boolean } = {},
): Features {
  const { mask, alibi, softcap } = problem;
  const base = endingShader(ends ? problem : { ...problem, sinks: false, logSumExp: false });
  return {
    extensions: mask?.dtype === 'f16' ? ['f16'] : base.extensions,
    aliases: { ...base.aliases, ...(mask?.kind === 'additive' ? { MaskElem: mask.dtype } : {}) },
    constants: { SOFTCAP: softcap !== undefined },
    parts: [...base.parts, scorePart, scoreMask[mask?.kind ?? 'none'], scoreBias[alibi ? 'alibi' : 'none']],
  };
}

/** The part of `featureShader` that a pass needs which only ends rows. */
export function endingShader({
  dtype,
  sinks,
  lengths,
  tokens,
  logSumExp: wanted,
}: AttentionProblem): Features {
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype },
    constants: {},
    parts: [
      ...endingParts,
      sequence[tokens ? 'packed' : lengths ? 'lengths' : 'dense'],
      sink[sinks ? 'logit' : 'none'],
      logSumExp[wanted ? 'store' : 'none'],
    ],
  };
}
