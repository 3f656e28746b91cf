import type { SoftmaxProblem } from '../../reference/softmax.ts';
import type { Params } from '../../runtime/params.ts';
import { input, output, scratchInput, type Binding, type Pass, type Workgroups } from '../../runtime/plan.ts';
import type { groupReduceShader } from '../invocationGroups.ts';
import { reduceSoftmax } from './snippets.ts';
import { loadShader, storeParts } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The second pass's own part, for kernels' `parts`. */
export const splitResultPart = part(softmaxTexts, 'softmax/splitResult');

/** The pass that makes results of the states of parts that an earlier pass left in scratch 0. */
export function splitResultPass(
  problem: SoftmaxProblem,
  params: Params,
  group: ReturnType<typeof groupReduceShader>,
  workgroups: Workgroups,
  elements: (whole: Binding) => Binding = (whole) => whole,
): Pass {
  const load = loadShader(problem);
  return {
    label: 'softmax/splitResult',
    shader: {
      ...load,
      extensions: [...load.extensions, ...group.extensions],
      constants: group.constants,
      parts: [...load.parts, ...storeParts(problem), group.part, reduceSoftmax, splitResultPart],
    },
    params,
    bindings: [elements(input(0)), elements(output(0)), scratchInput(0)],
    workgroups,
  };
}
