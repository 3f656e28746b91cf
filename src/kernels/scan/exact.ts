import { isExactSum, scanRows, type ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { EXACT_STATE_BYTES } from '../operator.ts';
import { everyOperatorPart, operatorShader } from './operator.ts';
import { paramsPart, scanParams, type Cut } from './params.ts';
import { longestOf, partsOfSlice, rowSlices, statesOfSlice, wholeRows, type RowSlice } from './slicing.ts';
import { carry, emitState, lines, scanSource } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

interface ExactConfig extends Config {
  /** Elements, or states, that an invocation adds one after the other. */
  readonly chunk: number;
}

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(scanTexts, 'scan/exact');
const parts = [paramsPart, workgroupIndex, lines.rows, source];

/** The scan of the totals [parts, rows] of all rows' parts. */
const totalsProblem = (problem: ScanProblem, length: number): ScanProblem => ({
  ...problem,
  outer: 1,
  length,
  inner: scanRows(problem),
  exclusive: true,
  reverse: false,
});

/** The problem, or the scan of all totals of the level below. */
interface Level {
  /** What of it can be bound at a time. */
  readonly slices: readonly RowSlice[];
  /** Parts of each slice. */
  readonly parts: number;
}

function levelOf(slices: readonly RowSlice[], { chunk }: ExactConfig, caps: Capabilities): Level {
  const [{ problem }] = slices as [RowSlice];
  const wanted = ceilDiv(longestOf(slices), chunk);
  return { slices, parts: partsOfSlice(problem, wanted, slices.length, EXACT_STATE_BYTES, caps) };
}

const partsOf = ({ slices, parts }: Level): number => slices.length * parts;

/** The problem, and the scans of totals above it, each shorter by a factor of about `chunk`, until one part makes up a row; or why it cannot be bound. */
function levelsOf(problem: ScanProblem, config: ExactConfig, caps: Capabilities): readonly Level[] | string {
  const slices = rowSlices(problem, caps);
  if (typeof slices === 'string') return slices;
  const levels = [levelOf(slices, config, caps)];
  for (let parts = partsOf(levels[0]!); parts > 1; parts = partsOf(levels.at(-1)!)) {
    levels.push(levelOf(wholeRows(totalsProblem(problem, parts)), config, caps));
  }
  return levels;
}

/** Bytes of the states of all parts of a level. */
const statesBytes = (level: Level): number =>
  scanRows(level.slices[0]!.problem) * partsOf(level) * EXACT_STATE_BYTES;

/** One dispatch of the shader. */
function pass(
  problem: ScanProblem,
  cut: Cut,
  caps: Capabilities,
  reads: 'elements' | 'states',
  starts: 'none' | 'prefix',
  leaves: 'element' | 'prefix' | 'total',
  bindings: readonly Binding[],
): Pass {
  const operator = operatorShader(problem);
  return {
    label: 'scan/exact',
    shader: {
      ...operator,
      parts: [...operator.parts, ...parts, scanSource[reads], carry[starts], emitState[leaves]],
    },
    params: scanParams(problem, cut),
    bindings,
    workgroups: foldWorkgroups(ceilDiv(scanRows(problem) * cut.parts, WORKGROUP_SIZE), caps),
  };
}

function legal(config: ExactConfig, problem: ScanProblem, caps: Capabilities): boolean {
  const levels = levelsOf(problem, config, caps);
  if (typeof levels === 'string') return false;
  return statesBytes(levels[0]!) <= caps.limits.maxStorageBufferBindingSize;
}

/** Exact sums of rows in parts: totals of parts, and of parts of parts, are made on the way up, and added to on the way down. */
export const exact = defineKernel<ScanProblem, ExactConfig>({
  name: 'scan/exact',
  parts: [
    ...parts,
    ...Object.values(scanSource),
    ...Object.values(emitState),
    ...Object.values(carry),
    ...everyOperatorPart,
  ],
  space: { chunk: [16, 64, 256, 1024] },
  supports(problem, caps) {
    const { outer, length, inner, segments } = problem;
    if (!isExactSum(problem)) return 'results need not be the same on every adapter, and others are faster';
    if (segments !== undefined) return 'segments are of unequal lengths';
    if (outer * length * inner === 0) return 'there is nothing to scan';
    const slices = rowSlices(problem, caps);
    if (typeof slices === 'string') return slices;
    return (
      legal({ chunk: problem.length }, problem, caps) || 'the totals of all slices would not fit one binding'
    );
  },
  legal,
  heuristic(problem, caps) {
    const busy = caps.software ? 2 ** 10 : 2 ** 16;
    const each = (problem.length * scanRows(problem)) / busy;
    let chunk = 64;
    while (chunk < Math.min(each, problem.length) || !legal({ chunk }, problem, caps)) chunk *= 2;
    return { chunk };
  },
  plan(problem, config, caps) {
    const levels = levelsOf(problem, config, caps) as readonly Level[];
    const top = levels.length - 1;
    // Scratch buffer 2 l has the totals of level l's parts, and the one after it what comes before each.
    const totals = (level: number): number => 2 * level;
    const prefixes = (level: number): number => 2 * level + 1;
    const passes = (
      level: number,
      starts: 'none' | 'prefix',
      leaves: 'element' | 'prefix' | 'total',
      bindings: (of: RowSlice['of'], statesOf: RowSlice['of']) => readonly Binding[],
    ): Pass[] => {
      const { slices, parts } = levels[level]!;
      const cut = { parts, chunk: config.chunk };
      const sliceBytes = statesBytes(levels[level]!) / slices.length;
      const reads = level === 0 ? 'elements' : 'states';
      return slices.map(({ problem: part, of }, slice) =>
        pass(
          part,
          cut,
          caps,
          reads,
          starts,
          leaves,
          bindings(of, (states) => statesOfSlice(states, slice, sliceBytes, slices.length)),
        ),
      );
    };
    const source = (level: number): Binding => (level === 0 ? input(0) : scratchInput(totals(level - 1)));
    const up = levels
      .slice(0, top)
      .flatMap((_, level) =>
        passes(level, 'none', 'total', (of, statesOf) => [
          of(source(level)),
          statesOf(scratch(totals(level))),
        ]),
      );
    const down = levels.map((_, level) => {
      const result = level === 0 ? output(0) : scratch(prefixes(level - 1));
      return passes(
        level,
        level === top ? 'none' : 'prefix',
        level === 0 ? 'element' : 'prefix',
        (of, statesOf) => [
          of(source(level)),
          of(result),
          ...(level === top ? [] : [statesOf(scratchInput(prefixes(level)))]),
        ],
      );
    });
    return {
      scratchBytes: levels.slice(0, top).flatMap((level) => [statesBytes(level), statesBytes(level)]),
      passes: [...up, ...down.toReversed().flat()],
    };
  },
});
