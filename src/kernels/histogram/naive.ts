import type { HistogramProblem } from '../../reference/histogram.ts';
import { input, output } from '../../runtime/plan.ts';
import { clearParts, clearPass } from '../common/clear.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { everyHistogramPart, histogramParams, histogramShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { histogramTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(histogramTexts, 'histogram/naive');

/** One invocation an element, all counting in the same buffer: the kernel that runs everything. */
export const naive = defineKernel<HistogramProblem, Config>({
  name: 'histogram/naive',
  parts: [...everyHistogramPart, ...clearParts, workgroupIndex, source],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const shader = histogramShader(problem);
    return {
      scratchBytes: [],
      passes: [
        clearPass(output(0), problem.bins, caps),
        {
          label: 'histogram/naive',
          shader: { ...shader, parts: [...shader.parts, workgroupIndex, source] },
          params: histogramParams(problem),
          bindings: [input(0), output(0)],
          workgroups: foldWorkgroups(Math.max(1, ceilDiv(problem.length, WORKGROUP_SIZE)), caps),
        },
      ],
    };
  },
});
