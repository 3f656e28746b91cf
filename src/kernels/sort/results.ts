import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Binding, Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { resultBindings, sortParams, sortShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(sortTexts, 'sort/results');

/** Parts of the pass, for kernels' `parts`. */
export const resultsParts: readonly ShaderPart[] = [source];

/** The pass that makes results of sorted pairs. */
export function resultsPass(problem: SortProblem, pairs: Binding, caps: Capabilities): Pass {
  const shader = sortShader(problem, 'pairs');
  return {
    label: 'sort/results',
    shader: { ...shader, parts: [...shader.parts, source] },
    params: sortParams(problem),
    bindings: [pairs, ...resultBindings(problem)],
    workgroups: foldWorkgroups(ceilDiv(problem.outer * problem.count * problem.inner, WORKGROUP_SIZE), caps),
  };
}
