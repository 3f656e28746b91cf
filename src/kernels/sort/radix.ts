import type { ScanProblem } from '../../reference/scan.ts';
import type { SortProblem } from '../../reference/sort.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { embedPasses } from '../embedPasses.ts';
import { defineKernel, foldWorkgroups } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader } from '../invocationGroups.ts';
import { reduce } from '../lib.ts';
import { tiles as scanTiles } from '../scan/tiles.ts';
import { countParts, countPass } from './count.ts';
import { DIGITS, digitShifts, digitsPart, tilesOf, type Tiling } from './digits.ts';
import { everySortPart, sortParams, sourceShader } from './params.ts';
import { resultsParts, resultsPass } from './results.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

type RadixConfig = Tiling & { readonly [name: string]: number | boolean };

const source = part(sortTexts, 'sort/radix');

const PAIR_BYTES = 8;

/** Scratch buffers: pairs before and after a digit, counts of each tile, and where each tile's digits go. */
const COUNTS = 2;
const OFFSETS = 3;
const SCAN_SCRATCH = 4;

/** Workgroup memory: the tile's pairs, two vectors an invocation for the scan, and two numbers a digit. */
const workgroupBytes = ({ lanes, items }: Tiling): number =>
  lanes * items * PAIR_BYTES + 2 * lanes * 16 + 2 * DIGITS * 4;

function runs(tiling: Tiling, caps: Capabilities): boolean {
  return (
    groupReduceRuns({ workgroupSize: tiling.lanes, ...tiling }, caps) &&
    workgroupBytes(tiling) <= caps.limits.maxComputeWorkgroupStorageSize
  );
}

const countsBytes = (problem: SortProblem, tiling: Tiling): number =>
  problem.outer * problem.inner * DIGITS * tilesOf(problem, tiling) * 4;

/** Short rows have more counts than elements. */
const countsFit = (problem: SortProblem, tiling: Tiling, { limits }: Capabilities): boolean =>
  countsBytes(problem, tiling) <= limits.maxStorageBufferBindingSize;

/** As long as the adapter runs them. */
function longestTiles(caps: Capabilities): RadixConfig {
  // Barriers are what a processor is slow at; within a subgroup there are none.
  const lanes = caps.software ? Math.max(8, caps.subgroups?.minSize ?? 8) : 256;
  const subgroups = groupReduceRuns({ workgroupSize: lanes, lanes, subgroups: true }, caps);
  const tiling = { lanes, items: 16, subgroups };
  while (!runs(tiling, caps)) tiling.items /= 2;
  return tiling;
}

/** The scan of the counts [row, digit, tile] of all rows. */
function countsProblem(problem: SortProblem, tiling: Tiling): ScanProblem {
  return {
    operator: 'sum',
    dtype: 'u32',
    outer: problem.outer * problem.inner,
    length: DIGITS * tilesOf(problem, tiling),
    inner: 1,
    exclusive: true,
    reverse: false,
  };
}

/** The pass that moves pairs to where their digits go. */
function movePass(
  problem: SortProblem,
  tiling: Tiling,
  shift: number,
  from: Binding,
  to: Binding,
  caps: Capabilities,
): Pass {
  const reads = sourceShader(problem, from.role === 'input' ? 'elements' : 'pairs');
  const group = groupScanShader({ workgroupSize: tiling.lanes, ...tiling }, false, caps);
  const tiles = tilesOf(problem, tiling);
  return {
    label: 'sort/radix',
    shader: {
      extensions: [...reads.extensions, ...group.extensions],
      aliases: { ...reads.aliases, Acc: 'u32' },
      constants: { ...reads.constants, ...group.constants, ITEMS: tiling.items },
      parts: [...reads.parts, digitsPart, reduce.sum, group.part, source],
    },
    params: sortParams(problem, { parts: tiles, chunk: tiling.lanes * tiling.items, shift }),
    bindings: [from, scratchInput(OFFSETS), to],
    workgroups: foldWorkgroups(problem.outer * problem.inner * tiles, caps),
  };
}

/** Rows of any length, digit after digit. */
export const radix = defineKernel<SortProblem, RadixConfig>({
  name: 'sort/radix',
  parts: [
    ...everySortPart,
    ...countParts,
    ...resultsParts,
    ...Object.values(groupScan),
    ...scanTiles.parts,
    source,
  ],
  space: { lanes: [8, 32, 64, 128, 256], items: [4, 8, 16], subgroups: [false, true] },
  supports(problem, caps) {
    const { outer, length, inner, count } = problem;
    const elements = outer * length * inner;
    if (elements * count === 0) return 'there is nothing to sort';
    const most = Math.floor(caps.limits.maxStorageBufferBindingSize / PAIR_BYTES);
    if (elements > most) return `pairs of keys and positions for more than ${most} elements fit in no buffer`;
    return (
      countsFit(problem, longestTiles(caps), caps) || 'counts of digits for so many rows fit in no buffer'
    );
  },
  legal: (config, problem, caps) => runs(config, caps) && countsFit(problem, config, caps),
  heuristic: (_, caps) => longestTiles(caps),
  plan(problem, config, caps) {
    const rows = problem.outer * problem.inner;
    const pairsBytes = rows * problem.length * PAIR_BYTES;
    const sizeOfCounts = countsBytes(problem, config);
    const counts = countsProblem(problem, config);
    const scan = scanTiles.plan(counts, scanTiles.heuristic(counts, caps), caps);
    const passes: Pass[] = [];
    let pairs: Binding = input(0);
    for (const [index, shift] of digitShifts(problem).entries()) {
      const to = index % 2;
      passes.push(
        countPass(problem, config, shift, pairs, COUNTS, caps),
        ...embedPasses(scan, [scratchInput(COUNTS)], [scratch(OFFSETS)], SCAN_SCRATCH),
        movePass(problem, config, shift, pairs, scratch(to), caps),
      );
      pairs = scratchInput(to);
    }
    passes.push(resultsPass(problem, pairs, caps));
    return {
      scratchBytes: [pairsBytes, pairsBytes, sizeOfCounts, sizeOfCounts, ...scan.scratchBytes],
      passes,
    };
  },
});
