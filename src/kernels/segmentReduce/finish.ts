import type { SegmentReductionProblem } from '../../reference/segmentReduce.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { input, output, scratchInput, type Pass } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { segmentReduceTexts } from '../texts.ts';
import { operatorShader } from './operator.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(segmentReduceTexts, 'segmentReduce/finish');

/** Parts of the pass, for kernels' `parts`. */
export const finishParts = [source];

/** The pass that makes results of the states that slices left in scratch 0. */
export function finishPass(problem: SegmentReductionProblem, caps: Capabilities): Pass {
  const operator = operatorShader(problem);
  const results = problem.segments * problem.inner;
  return {
    label: 'segmentReduce/finish',
    shader: { ...operator, parts: [...operator.parts, workgroupIndex, source] },
    params: { results: u32(results), inner: u32(problem.inner) },
    bindings: [scratchInput(0), input(1), output(0)],
    workgroups: foldWorkgroups(ceilDiv(results, WORKGROUP_SIZE), caps),
  };
}
