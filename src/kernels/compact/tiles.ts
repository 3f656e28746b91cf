import type { CompactProblem } from '../../reference/compact.ts';
import type { ScanProblem } from '../../reference/scan.ts';
import { at, output, scratch, scratchInput, type Pass } from '../../runtime/plan.ts';
import { embedPasses } from '../embedPasses.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { boundRanges, slicing, type BoundRange } from '../sliced.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader, type GroupConfig } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { tiles as scanTiles } from '../scan/tiles.ts';
import { countParts, countPass } from './count.ts';
import {
  allElements,
  compactBindings,
  compactParams,
  compactShader,
  everyCompactPart,
  type CompactSlice,
} from './params.ts';
import { part } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

interface TilesConfig extends Config {
  /** Invocations of a workgroup, which moves a tile; `LANES` in the shaders. */
  readonly lanes: number;
  /** Whether they exchange counts within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

const source = part(compactTexts, 'compact/tiles');

/** Elements of an invocation, as in the shaders. */
const ITEMS = 16;

/** Scratch buffers: counts of each tile, and their running sums. */
const COUNTS = 0;
const ENDS = 1;
const SCAN_SCRATCH = 2;

/** Elements that a workgroup moves. */
const tileLength = ({ lanes }: TilesConfig): number => lanes * ITEMS;

const groupOf = ({ lanes, subgroups }: TilesConfig): GroupConfig => ({
  workgroupSize: lanes,
  lanes,
  subgroups,
});

/** The running sum of the tiles' counts. */
const countsProblem = (tiles: number): ScanProblem => ({
  operator: 'sum',
  dtype: 'u32',
  outer: 1,
  length: tiles,
  inner: 1,
  exclusive: false,
  reverse: false,
});

/** Reads the mask twice, and what is kept once; once more for each binding of a result that is larger than one. */
export const tiles = defineKernel<CompactProblem, TilesConfig>({
  name: 'compact/tiles',
  parts: [...everyCompactPart, ...countParts, ...Object.values(groupScan), ...scanTiles.parts, source],
  space: { lanes: [8, 32, 64, 128, 256], subgroups: [false, true] },
  supports: ({ length }) =>
    length > 0 ? (slicing.code?.countable(length) ?? true) : 'there is nothing to keep',
  legal: (config, _problem, caps) => groupReduceRuns(groupOf(config), caps),
  heuristic(_problem, caps) {
    // Barriers are what a processor is slow at; within a subgroup there are none.
    const lanes = caps.software ? Math.max(8, caps.subgroups?.minSize ?? 8) : 256;
    const config = { lanes, subgroups: true };
    return { lanes, subgroups: groupReduceRuns(groupOf(config), caps) };
  },
  plan(problem, config, caps) {
    const { dtype = 'u32', length } = problem;
    const all = allElements(problem);
    const slices = slicing.code?.compactSlices(problem, all, tileLength(config), caps) ?? [all];
    const places = boundRanges(output(0), length, dtypeSizeBytes(dtype), caps);
    const count = ceilDiv(length, tileLength(config));
    const counts = countsProblem(count);
    const scan = scanTiles.plan(counts, scanTiles.heuristic(counts, caps), caps);
    const shader = compactShader(problem);
    const group = groupScanShader(groupOf(config), false, caps);
    const move = (slice: CompactSlice, kept: BoundRange): Pass => ({
      label: 'compact/tiles',
      shader: {
        extensions: [...shader.extensions, ...group.extensions],
        aliases: { ...shader.aliases, Acc: 'u32' },
        constants: { ...shader.constants, ...group.constants },
        parts: [...shader.parts, reduce.sum, group.part, source],
      },
      params: compactParams(slice.range, kept.range, count),
      bindings: [...compactBindings(slice, kept.binding), at(5, scratchInput(ENDS))],
      workgroups: foldWorkgroups(ceilDiv(slice.range[1] - slice.range[0], tileLength(config)), caps),
    });
    return {
      scratchBytes: [4 * count, 4 * count, ...scan.scratchBytes],
      passes: [
        ...slices.map((slice) => countPass(problem, groupOf(config), tileLength(config), slice, caps)),
        ...embedPasses(scan, [scratchInput(COUNTS)], [scratch(ENDS)], SCAN_SCRATCH),
        // Nothing goes to a place behind where it was.
        ...slices.flatMap((slice) =>
          places.filter(({ range }) => range[0] < slice.range[1]).map((kept) => move(slice, kept)),
        ),
      ],
    };
  },
});
