import { isExactSum, type ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, scratch } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader, type GroupConfig } from '../invocationGroups.ts';
import { scanned } from './snippets.ts';
import { serialLimit } from '../rounding.ts';
import { clearParts, clearPass } from '../common/clear.ts';
import { elementsShader, everyElementsPart, storePart, tileOf } from './elements.ts';
import { scanParams, type Cut } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

interface LookbackConfig extends Config {
  /** Invocations of a workgroup, which scans a tile; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
  /** Looks at a tile that has nothing to show before its work is done for it. */
  readonly patience: number;
}

const source = part(scanTexts, 'scan/lookback');

const groupOf = ({ lanes, subgroups }: LookbackConfig): GroupConfig => ({
  workgroupSize: lanes,
  lanes,
  subgroups,
});

function cut({ length }: ScanProblem, { lanes }: LookbackConfig): Cut {
  const tile = tileOf(lanes);
  return { parts: ceilDiv(length, tile), chunk: tile };
}

/** The number of workgroups that have begun, and four words for each tile. */
function statusWords(problem: ScanProblem, config: LookbackConfig): number {
  return 1 + 4 * problem.outer * cut(problem, config).parts;
}

function legal(config: LookbackConfig, problem: ScanProblem, caps: Capabilities): boolean {
  if (!groupReduceRuns(groupOf(config), caps)) return false;
  if (statusWords(problem, config) * 4 > caps.limits.maxStorageBufferBindingSize) return false;
  return cut(problem, config).parts <= serialLimit(problem.length);
}

/** Rows of neighbours in a single pass: each tile asks those before it what has been combined so far. */
export const lookback = defineKernel<ScanProblem, LookbackConfig>({
  name: 'scan/lookback',
  parts: [...everyElementsPart, ...Object.values(groupScan), scanned.elements, ...clearParts, source],
  space: { lanes: [32, 64, 128, 256], patience: [0, 64], subgroups: [false, true] },
  supports(problem, caps) {
    const { outer, length, inner, segments } = problem;
    if (outer * length * inner === 0) return 'there is nothing to scan';
    if (isExactSum(problem)) return 'exact sums are not passed on in single words';
    if (segments !== undefined) return 'segments are of unequal lengths';
    if (inner > 1) return 'the elements of a row are not neighbours';
    const config = { lanes: 256, patience: 0, subgroups: false };
    return legal(config, problem, caps) || 'a row has more tiles than may be added one after the other';
  },
  worthwhile({ outer, length }, caps) {
    if (caps.software) return 'a processor has few workgroups under way, which would wait for each other';
    if (outer * length < 2 ** 20) return 'there are too few tiles for two passes more to matter';
    return length >= 2 ** 15 || 'rows are so short that workgroups need not share them';
  },
  legal,
  heuristic(_problem, caps) {
    const config = { lanes: 256, patience: 64 };
    return { ...config, subgroups: groupReduceRuns(groupOf({ ...config, subgroups: true }), caps) };
  },
  plan(problem, config, caps) {
    const elements = elementsShader(problem);
    const group = groupScanShader(groupOf(config), false, caps);
    const words = statusWords(problem, config);
    const { parts } = cut(problem, config);
    return {
      scratchBytes: [words * 4],
      passes: [
        clearPass(scratch(0), words, caps),
        {
          label: 'scan/lookback',
          shader: {
            ...elements,
            extensions: [...elements.extensions, ...group.extensions],
            constants: { ...elements.constants, ...group.constants },
            parts: [...elements.parts, storePart(problem), group.part, scanned.elements, source],
          },
          params: scanParams(problem, cut(problem, config), { patience: config.patience }),
          bindings: [input(0), output(0), scratch(0)],
          workgroups: foldWorkgroups(problem.outer * parts, caps),
        },
      ],
    };
  },
});
