import type { ConvertProblem } from '../../reference/convert.ts';
import { u32, vec4u } from '../../runtime/params.ts';
import { input, output, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { elementX, packY } from './snippets.ts';
import { broadcast, widen, workgroupIndex } from '../lib.ts';
import { slicing } from '../sliced.ts';
import { elementsOf } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { convertTexts } from '../texts.ts';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(convertTexts, 'convert/strided');

/** One invocation a word of the result, whatever lies where; once more for each binding of x where it is larger than one. */
export const strided = defineKernel<ConvertProblem, Config>({
  name: 'convert/strided',
  parts: [
    broadcast,
    workgroupIndex,
    source,
    ...[elementX, packY, widen].flatMap((parts) => Object.values(parts)),
  ],
  space: {},
  supports: (problem) => slicing.code?.copyable(problem, elementsOf(problem)) ?? true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const { from, to, dims, strides, offset, valid, elements: sources } = problem;
    const all = elementsOf(problem);
    const narrow = from === 'f16' || from === 'bf16';
    const pass = (elements: number): Pass => ({
      label: 'convert/strided',
      shader: {
        extensions: to === 'f16' ? ['f16'] : [],
        parts: [
          broadcast,
          workgroupIndex,
          ...(narrow ? [elementX.pairs, widen[from]] : [elementX[from]]),
          packY[to],
          source,
        ],
      },
      params: {
        elements: u32(elements),
        first: u32(0),
        sources: u32(sources),
        firstSource: u32(0),
        offset: u32(offset),
        valid: u32(valid),
        dims: vec4u(dims),
        strides: vec4u(strides),
      },
      bindings: [input(0), output(0)],
      workgroups: foldWorkgroups(ceilDiv(elements * dtypeSizeBytes(to), 4 * WORKGROUP_SIZE), caps),
    });
    return { scratchBytes: [], passes: slicing.code?.copiesOf(problem, all, pass, caps) ?? [pass(all)] };
  },
});
