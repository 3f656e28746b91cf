import type { HistogramProblem } from '../../reference/histogram.ts';
import { output, type Pass } from '../../runtime/plan.ts';
import { clearParts, clearPass } from '../common/clear.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { everyHistogramPart, histogramParams, histogramShader, histogramSlices } from './params.ts';
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
        ...histogramSlices(problem, caps).map(({ part, x }): Pass => ({
          label: 'histogram/naive',
          shader: { ...shader, parts: [...shader.parts, workgroupIndex, source] },
          params: histogramParams(part),
          bindings: [x, output(0)],
          workgroups: foldWorkgroups(Math.max(1, ceilDiv(part.length, WORKGROUP_SIZE)), caps),
        })),
      ],
    };
  },
});
