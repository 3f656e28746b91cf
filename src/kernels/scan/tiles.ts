import { isExactSum, scanRows, type ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { groupReduceRuns, groupScan, groupScanShader, type GroupConfig } from '../invocationGroups.ts';
import { carry, scanned, scanTotal } from './snippets.ts';
import { LAST_CACHE_BYTES, PAGE_BYTES, processorLanes } from '../processor.ts';
import { serialLimit } from '../rounding.ts';
import { elementsShader, everyElementsPart, storePart, tileOf } from './elements.ts';
import { STATE_BYTES, stateOperator } from './operator.ts';
import { scanParams, type Cut } from './params.ts';
import { longestOf, partsOfSlice, rowSlices, statesOfSlice, type RowSlice } from './slicing.ts';
import { part } from '../../wgsl/part.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { wholeTasksPlan, type WholeTasks } from './plan.ts';
import { scanTexts } from '../texts.ts';

interface TilesConfig extends Config {
  /** Invocations that share a row or a part of it, a power of two; `LANES` in the shader. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
  /** Parts that each row is cut into; more than one takes two more passes. */
  readonly split: number;
}

const source = part(scanTexts, 'scan/tiles');

/** Every WebGPU device has as many invocations in a workgroup. */
const WORKGROUP_SIZE = 256;

const groupOf = ({ lanes, subgroups }: Pick<TilesConfig, 'lanes' | 'subgroups'>): GroupConfig => ({
  workgroupSize: WORKGROUP_SIZE,
  lanes,
  subgroups,
});

/** Whether neighbouring invocations take neighbouring rows, whose elements are neighbours. */
const apart = ({ inner }: ScanProblem): boolean => inner > 1;

/** Every slice in parts of whole tiles, as even as that allows, about `split` of them in all slices. */
function cutInto(
  slices: readonly RowSlice[],
  { lanes, split }: Pick<TilesConfig, 'lanes' | 'split'>,
  caps: Capabilities,
): Cut {
  const [{ problem }] = slices as [RowSlice];
  const longest = longestOf(slices);
  if (split === 1) return { parts: 1, chunk: longest };
  const parts = partsOfSlice(problem, ceilDiv(split, slices.length), slices.length, STATE_BYTES, caps);
  const tile = tileOf(lanes);
  return { parts, chunk: ceilDiv(ceilDiv(longest, parts), tile) * tile };
}

interface Sliced {
  readonly slices: readonly RowSlice[];
  readonly cut: Cut;
  /** The scan of the totals of all parts. */
  readonly totals: ScanProblem;
}

/** Slices that can be bound, and how each is cut; or why there are none. */
function slicedInto(problem: ScanProblem, config: TilesConfig, caps: Capabilities): Sliced | string {
  const slices = rowSlices(problem, caps);
  if (typeof slices === 'string') return slices;
  const cut = cutInto(slices, config, caps);
  return { slices, cut, totals: totalsProblem(problem, slices.length * cut.parts) };
}

/** The scan of the totals [parts, rows] that the parts of all rows have. */
function totalsProblem(problem: ScanProblem, parts: number): ScanProblem {
  return {
    ...stateOperator(problem),
    outer: 1,
    length: parts,
    inner: scanRows(problem),
    exclusive: true,
    reverse: false,
  };
}

const statesBytes = ({ length, inner }: ScanProblem): number => length * inner * STATE_BYTES;

/** Invocations for a row of which there are `rows`, all its elements at once if need be. */
function lanesFor(problem: ScanProblem, caps: Capabilities): number {
  const { dtype, length, inner, segments } = problem;
  // Of segments, what they have on average.
  const elements = length / (segments ?? 1);
  const wanted = powerOfTwo(elements / tileOf(1));
  const ofProcessor = inner > 1 ? 1 : processorLanes(elements * dtypeSizeBytes(dtype), caps);
  const most = caps.software ? ofProcessor : WORKGROUP_SIZE;
  // Loads of columns are fast where as many invocations as a subgroup has take neighbours.
  const columns = inner > 1 ? Math.min(32, powerOfTwo(scanRows(problem))) : 1;
  return Math.min(wanted, most, WORKGROUP_SIZE / columns);
}

/** The config of a scan in one pass. */
function wholeRows(problem: ScanProblem, caps: Capabilities): TilesConfig {
  const lanes = lanesFor(problem, caps);
  const subgroups = !apart(problem) && groupReduceRuns(groupOf({ lanes, subgroups: true }), caps);
  return { lanes, subgroups, split: 1 };
}

/** Tiles that are carried from one to the next, and the totals within one. */
const serialSteps = (length: number, lanes: number): number => ceilDiv(length, tileOf(lanes)) + 4;

function legal(config: TilesConfig, problem: ScanProblem, caps: Capabilities): boolean {
  const { lanes, subgroups, split } = config;
  if (!groupReduceRuns(groupOf(config), caps) || (subgroups && apart(problem))) return false;
  // How long segments are is known on the device only; each may be scanned one element after the other.
  if (problem.segments !== undefined) return split === 1;
  const sliced = slicedInto(problem, config, caps);
  if (typeof sliced === 'string') return false;
  const { slices, cut, totals } = sliced;
  const steps = serialSteps(cut.chunk, lanes);
  const most = serialLimit(problem.length);
  if (split === 1) return slices.length === 1 && steps <= most;
  return (
    split * tileOf(lanes) <= problem.length &&
    statesBytes(totals) <= caps.limits.maxStorageBufferBindingSize &&
    steps + serialSteps(totals.length, wholeRows(totals, caps).lanes) <= most
  );
}

/** Pages of memory that a part of columns has on a processor: a line of its caches has neighbours too, which come to it later. */
const CACHED_PAGES = 128;

/** Parts of columns that a processor finds in its caches again; 1 where it does so without cutting. */
function cachedSplit({ dtype, outer, length, inner }: ScanProblem): number {
  const rowBytes = inner * dtypeSizeBytes(dtype);
  if (inner === 1 || 2 * outer * length * rowBytes <= LAST_CACHE_BYTES) return 1;
  return (length * Math.min(1, rowBytes / PAGE_BYTES)) / CACHED_PAGES;
}

/**
 * Parts that keep the device busy: a data-centre GPU holds about 2^18 invocations at a time, a processor's cores need some
 * 2^10, since parts have to be read twice. Each should have some tiles to itself.
 */
function usefulSplit(problem: ScanProblem, lanes: number, caps: Capabilities): number {
  if (problem.segments !== undefined) return 1;
  const invocations = scanRows(problem) * lanes;
  const wanted = caps.software
    ? Math.max(2 ** 10 / invocations, cachedSplit(problem))
    : 2 ** 18 / invocations;
  return Math.max(1, Math.floor(Math.min(wanted, problem.length / (4 * tileOf(lanes)))));
}

/** What stores elements. */
const storing = (problem: ScanProblem): readonly ShaderPart[] => [scanned.elements, storePart(problem)];

/** One dispatch of the shader. */
function pass(
  problem: ScanProblem,
  cut: Cut,
  config: Pick<TilesConfig, 'lanes' | 'subgroups'>,
  caps: Capabilities,
  taskParts: readonly ShaderPart[],
  bindings: readonly Binding[],
  place?: WholeTasks['place'],
): Pass {
  const elements = elementsShader(problem);
  const group = groupScanShader(groupOf(config), apart(problem), caps);
  const tasks = scanRows(problem) * cut.parts;
  return {
    label: 'scan/tiles',
    shader: {
      ...elements,
      extensions: [...elements.extensions, ...group.extensions],
      constants: { ...elements.constants, ...group.constants },
      parts: [...elements.parts, group.part, ...taskParts, source],
    },
    params: scanParams(problem, cut, place),
    bindings,
    workgroups: foldWorkgroups(ceilDiv(tasks * config.lanes, WORKGROUP_SIZE), caps),
  };
}

/** Rows by one invocation, a subgroup or a workgroup each; long ones in parts, reduced first and then scanned. */
export const tiles = defineKernel<ScanProblem, TilesConfig>({
  name: 'scan/tiles',
  parts: [
    ...everyElementsPart,
    ...Object.values(groupScan),
    ...Object.values(carry),
    ...Object.values(scanned),
    ...Object.values(scanTotal),
    source,
  ],
  space: {
    lanes: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    split: [1, 4, 16, 64, 256, 1024],
    subgroups: [false, true],
  },
  supports(problem, caps) {
    const { outer, length, inner } = problem;
    if (isExactSum(problem)) return 'exact sums are no vectors, of which it takes four at a time';
    if (outer * length * inner === 0) return 'there is nothing to scan';
    const slices = rowSlices(problem, caps);
    return typeof slices === 'string' ? slices : true;
  },
  legal,
  heuristic(problem, caps) {
    const whole = wholeRows(problem, caps);
    const config = { ...whole, split: usefulSplit(problem, whole.lanes, caps) };
    // More parts keep the additions in a row within bounds.
    while (!legal(config, problem, caps) && config.split < problem.length) config.split *= 2;
    return config;
  },
  plan(problem, config, caps) {
    const { slices, cut, totals } = slicedInto(problem, config, caps) as Sliced;
    if (config.split === 1) {
      return wholeTasksPlan(problem, slices, STATE_BYTES, ({ problem: whole, parts, bindings, place }) =>
        pass(whole, cut, config, caps, [...storing(whole), ...parts], bindings, place),
      );
    }
    const statesOf = (states: Binding, slice: number): Binding =>
      statesOfSlice(states, slice, statesBytes(totals) / slices.length, slices.length);
    return {
      scratchBytes: [statesBytes(totals), statesBytes(totals)],
      passes: [
        ...slices.map(({ problem: part, of }, slice) =>
          pass(
            part,
            cut,
            config,
            caps,
            [carry.none, scanned.nothing, scanTotal.stored],
            [of(input(0)), statesOf(scratch(0), slice)],
          ),
        ),
        pass(
          totals,
          { parts: 1, chunk: totals.length },
          wholeRows(totals, caps),
          caps,
          [...storing(totals), carry.none, scanTotal.none],
          [scratchInput(0), scratch(1)],
        ),
        ...slices.map(({ problem: part, of }, slice) =>
          pass(
            part,
            cut,
            config,
            caps,
            [...storing(part), carry.prefix, scanTotal.none],
            [of(input(0)), of(output(0)), statesOf(scratchInput(1), slice)],
          ),
        ),
      ],
    };
  },
});
