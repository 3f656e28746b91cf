import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { scratch, type Binding, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { foldWorkgroups } from '../define.ts';
import { groupReduce, groupReduceShader } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { digitsPart, tilesOf, type Tiling } from './digits.ts';
import { sortParams, sourceShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

const source = part(sortTexts, 'sort/count');

/** Parts of the pass, for kernels' `parts`. */
export const countParts: readonly ShaderPart[] = [
  digitsPart,
  reduce.sum,
  ...Object.values(groupReduce),
  source,
];

/** The pass that counts a digit's values in each tile, into scratch `counts`. */
export function countPass(
  problem: SortProblem,
  tiling: Tiling,
  shift: number,
  pairs: Binding,
  counts: number,
  caps: Capabilities,
): Pass {
  const reads = sourceShader(problem, pairs.role === 'input' ? 'elements' : 'pairs');
  const group = groupReduceShader({ workgroupSize: tiling.lanes, ...tiling }, caps);
  const tiles = tilesOf(problem, tiling);
  return {
    label: 'sort/count',
    shader: {
      extensions: [...reads.extensions, ...group.extensions],
      // Two counts in a word, eight words of them in two vectors.
      aliases: { ...reads.aliases, Acc: 'vec4<u32>' },
      constants: { ...reads.constants, ...group.constants, ITEMS: tiling.items },
      parts: [...reads.parts, digitsPart, reduce.sum, group.part, source],
    },
    params: sortParams(problem, { parts: tiles, chunk: tiling.lanes * tiling.items, shift }),
    bindings: [pairs, scratch(counts)],
    workgroups: foldWorkgroups(problem.outer * problem.inner * tiles, caps),
  };
}
