import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { scratch, scratchInput, type Pass } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { order, workgroupIndex } from '../lib.ts';
import { sortSlicesTexts } from '../texts.ts';
import { flipOf, keyShader } from './params.ts';
import type { Slab } from './slicing.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;
const RUN = 8;

const source = part(sortSlicesTexts, 'sort/rank');

/** Parts of the pass, for kernels' `parts`. */
export const rankParts: readonly ShaderPart[] = [workgroupIndex, ...Object.values(order), source];

/**
 * The pass that adds to a slab's ranks how many elements of another slab come before each of its own.
 *
 * @param counted whether the ranks are there to be added to: others have been counted
 */
export function rankPass(
  { problem, begin, elements, ranks }: Slab,
  other: Slab,
  counted: boolean,
  caps: Capabilities,
): Pass {
  const { inner, count } = problem;
  const shader = keyShader(problem);
  return {
    label: 'sort/rank',
    shader: { ...shader, parts: [workgroupIndex, ...shader.parts, source] },
    params: {
      columns: u32(inner),
      count: u32(count),
      otherCount: u32(other.problem.count),
      flip: flipOf(problem),
      equalsFirst: u32(Number(other.begin < begin)),
      counted: u32(Number(counted)),
    },
    bindings: [scratchInput(elements), scratchInput(other.elements), scratch(ranks)],
    workgroups: foldWorkgroups(ceilDiv(ceilDiv(count, RUN) * inner, WORKGROUP_SIZE), caps),
  };
}
