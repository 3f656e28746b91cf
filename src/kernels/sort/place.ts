import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups, type Range } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { sortSlicesTexts } from '../texts.ts';
import { paramsPart, resultShader, sortParams } from './params.ts';
import type { Slab } from './slicing.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

/** After those of results. */
const RANKS_BINDING = 5;

const source = part(sortSlicesTexts, 'sort/place');

/** Parts of the pass, for kernels' `parts`. */
export const placeParts: readonly ShaderPart[] = [source];

/**
 * The pass that stores what of a slab belongs in a stretch of the results.
 *
 * @param results bindings of the slab's payload and of the stretch
 */
export function placePass(
  problem: SortProblem,
  { problem: { length, count, inner }, begin, positions, ranks }: Slab,
  [first, end]: Range,
  results: readonly Binding[],
  caps: Capabilities,
): Pass {
  const stores = resultShader(problem);
  const stretch = { ...problem, length, count: end - first };
  return {
    label: 'sort/place',
    shader: { ...stores, parts: [paramsPart, workgroupIndex, ...stores.parts, source] },
    params: sortParams(stretch, { pairs: count, firstPosition: begin, firstRank: first }),
    bindings: [scratchInput(positions), ...results, at(RANKS_BINDING, scratchInput(ranks))],
    workgroups: foldWorkgroups(ceilDiv(count * inner, WORKGROUP_SIZE), caps),
  };
}
