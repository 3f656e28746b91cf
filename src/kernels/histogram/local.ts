import type { HistogramProblem } from '../../reference/histogram.ts';
import { output, type Pass } from '../../runtime/plan.ts';
import { clearParts, clearPass } from '../common/clear.ts';
import { ceilDiv, defineKernel, powerOfTwo, type Config } from '../define.ts';
import { everyHistogramPart, histogramParams, histogramShader, histogramSlices } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { histogramTexts } from '../texts.ts';

interface LocalConfig extends Config {
  /** Each counts a share of the elements by itself. */
  readonly workgroups: number;
}

/** As in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(histogramTexts, 'histogram/local');

/** Elements that an invocation should have at least, to be worth a workgroup's clearing and adding of counts. */
const ELEMENTS_EACH = 16;

/** `BINS` in the shader; few values, so that few shaders are made. */
const room = (bins: number): number => Math.max(256, powerOfTwo(bins));

/** Few enough bins for a workgroup's own memory. */
export const local = defineKernel<HistogramProblem, LocalConfig>({
  name: 'histogram/local',
  parts: [...everyHistogramPart, ...clearParts, source],
  space: { workgroups: [1, 16, 256, 1024] },
  supports({ length, bins }, { limits }) {
    if (length === 0) return 'there is nothing to count';
    const most = limits.maxComputeWorkgroupStorageSize / 4 - 1;
    return room(bins) <= most || `${bins} counts do not fit in workgroup memory, which holds ${most}`;
  },
  legal: () => true,
  heuristic({ length }, caps) {
    const busy = caps.software ? 8 : 1024;
    return { workgroups: Math.max(1, Math.min(busy, ceilDiv(length, WORKGROUP_SIZE * ELEMENTS_EACH))) };
  },
  plan(problem, { workgroups }, caps) {
    const shader = histogramShader(problem);
    return {
      scratchBytes: [],
      passes: [
        clearPass(output(0), problem.bins, caps),
        ...histogramSlices(problem, caps).map(({ part, x }): Pass => ({
          label: 'histogram/local',
          shader: {
            ...shader,
            constants: { BINS: room(problem.bins) },
            parts: [...shader.parts, source],
          },
          params: histogramParams(part),
          bindings: [x, output(0)],
          workgroups: [workgroups, 1, 1],
        })),
      ],
    };
  },
});
