import type { ConvertProblem } from '../../reference/convert.ts';
import { u32, vec4u } from '../../runtime/params.ts';
import { input, output, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { elementX, packY } from './snippets.ts';
import { widen, workgroupIndex } from '../lib.ts';
import { slicing } from '../sliced.ts';
import { elementsOf } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { convertTexts } from '../texts.ts';

interface StridedConfig extends Config {
  /** Words of the result that an invocation makes. */
  readonly words: number;
}

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const WORD_BYTES = 4;

/** Workgroups that keep a large GPU busy. */
const BUSY_WORKGROUPS = 1024;

const wordsOf = (problem: ConvertProblem): number =>
  ceilDiv(elementsOf(problem) * dtypeSizeBytes(problem.to), WORD_BYTES);

const source = part(convertTexts, 'convert/strided');

/** Some words of the result an invocation, whatever lies where; once more for each binding of x where it is larger than one. */
export const strided = defineKernel<ConvertProblem, StridedConfig>({
  name: 'convert/strided',
  parts: [workgroupIndex, source, ...[elementX, packY, widen].flatMap((parts) => Object.values(parts))],
  space: { words: [1, 4, 16, 64] },
  supports: (problem) => slicing.code?.copyable(problem, elementsOf(problem)) ?? true,
  legal: () => true,
  heuristic(problem, { software }) {
    const workgroups = wordsOf(problem) / WORKGROUP_SIZE;
    return {
      words: software
        ? Math.min(16, powerOfTwo(workgroups / 16))
        : Math.min(4, powerOfTwo(workgroups / BUSY_WORKGROUPS)),
    };
  },
  plan(problem, { words }, caps) {
    const { from, to, dims, strides, offset, valid, elements: sources } = problem;
    const all = elementsOf(problem);
    const axes = dims[0] * dims[1] > 1 ? dims.length : dims[2] > 1 ? 2 : 1;
    const narrow = from === 'f16' || from === 'bf16';
    const pass = (elements: number): Pass => ({
      label: 'convert/strided',
      shader: {
        extensions: to === 'f16' ? ['f16'] : [],
        constants: {
          WORDS: words,
          AXES: axes,
          WHOLE_ROWS: axes === 1 || (dims[3] * dtypeSizeBytes(to)) % WORD_BYTES === 0,
        },
        parts: [
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
      workgroups: foldWorkgroups(
        ceilDiv(elements * dtypeSizeBytes(to), WORD_BYTES * WORKGROUP_SIZE * words),
        caps,
      ),
    });
    return { scratchBytes: [], passes: slicing.code?.copiesOf(problem, all, pass, caps) ?? [pass(all)] };
  },
});
