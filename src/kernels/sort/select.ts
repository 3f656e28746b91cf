import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { sorted } from './snippets.ts';
import { networkConstants, networkPart, PAIR_BYTES } from './network.ts';
import { everySortPart, resultBindings, resultShader, sortParams, sourceShader } from './params.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

interface SelectConfig extends Config {
  /** Parts that each row is cut into; more than one takes a second pass. */
  readonly split: number;
  /** Whether invocations exchange counts within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(sortTexts, 'sort/select');

/** One for each value of the bits that are looked at together. */
const WORKGROUP_SIZE = 256;

/** A part's share of its row should be so many times what it passes on. */
const WORTHWHILE_RATIO = 16;

const group = (subgroups: boolean) => ({ workgroupSize: WORKGROUP_SIZE, lanes: WORKGROUP_SIZE, subgroups });

/** Workgroup memory: the pairs that are sorted, the bins, and two vectors an invocation for the scan. */
const workgroupBytes = (count: number): number =>
  powerOfTwo(count) * PAIR_BYTES + WORKGROUP_SIZE * (4 + 2 * 16) + 64;

/** Parts of equal length; the last may be shorter, or empty. */
const chunkOf = (pairs: number, split: number): number => ceilDiv(pairs, split);

function legal({ split, subgroups }: SelectConfig, problem: SortProblem, caps: Capabilities): boolean {
  const { outer, length, inner, count } = problem;
  if (!groupReduceRuns(group(subgroups), caps)) return false;
  if (split === 1) return true;
  const pairsBytes = outer * inner * split * count * PAIR_BYTES;
  return split * count <= length && pairsBytes <= caps.limits.maxStorageBufferBindingSize;
}

/** Few elements of long rows: found bit by bit, then sorted. */
export const select = defineKernel<SortProblem, SelectConfig>({
  name: 'sort/select',
  parts: [...everySortPart, ...Object.values(groupScan), reduce.sum, networkPart, source],
  space: { split: [1, 4, 16, 64], subgroups: [false, true] },
  supports({ outer, length, inner, count }, { limits }) {
    if (outer * length * inner * count === 0) return 'there is nothing to sort';
    const bytes = workgroupBytes(count);
    return (
      bytes <= limits.maxComputeWorkgroupStorageSize ||
      `the first ${count} take ${bytes} bytes of workgroup memory; there are ${limits.maxComputeWorkgroupStorageSize}`
    );
  },
  worthwhile: ({ length, count }) =>
    count * 4 <= length || 'so many elements of each row are wanted that sorting all of it is as fast',
  legal,
  heuristic({ outer, length, inner, count }, caps) {
    const busy = caps.software ? 8 : 1024;
    const split = Math.min(
      busy / (outer * inner),
      length / (WORTHWHILE_RATIO * Math.max(count, WORKGROUP_SIZE)),
    );
    return { split: Math.max(1, Math.floor(split)), subgroups: groupReduceRuns(group(true), caps) };
  },
  plan(problem, { split, subgroups }, caps) {
    const rows = problem.outer * problem.inner;
    const scan = groupScanShader(group(subgroups), false, caps);
    const pass = (reads: 'elements' | 'pairs', final: boolean, pairs: number, bindings: Binding[]): Pass => {
      const from = sourceShader(problem, reads);
      const to = final ? resultShader(problem) : { extensions: [], aliases: {}, parts: [sorted.pairs] };
      const parts = final ? 1 : split;
      return {
        label: 'sort/select',
        shader: {
          extensions: [...from.extensions, ...to.extensions, ...scan.extensions],
          aliases: { ...from.aliases, ...to.aliases, Acc: 'u32' },
          constants: {
            ...from.constants,
            ...scan.constants,
            ...networkConstants(powerOfTwo(problem.count), WORKGROUP_SIZE),
          },
          parts: [...from.parts, ...to.parts, networkPart, reduce.sum, scan.part, source],
        },
        params: sortParams(problem, { pairs, parts, chunk: chunkOf(pairs, parts) }),
        bindings,
        workgroups: foldWorkgroups(rows * parts, caps),
      };
    };
    const { length, count } = problem;
    if (split === 1) {
      const bindings = [input(0), ...resultBindings(problem)];
      return { scratchBytes: [], passes: [pass('elements', true, length, bindings)] };
    }
    return {
      scratchBytes: [rows * split * count * PAIR_BYTES],
      passes: [
        pass('elements', false, length, [input(0), scratch(0)]),
        pass('pairs', true, split * count, [scratchInput(0), ...resultBindings(problem)]),
      ],
    };
  },
});
