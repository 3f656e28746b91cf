import { isExactSum, scanRows, type ScanProblem } from '../../reference/scan.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, scratch, scratchInput, type Binding, type Pass } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { EXACT_STATE_BYTES } from '../operator.ts';
import { everyOperatorPart, operatorShader } from './operator.ts';
import { paramsPart, scanParams } from './params.ts';
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

/** The problem, and the scans of totals above it, each shorter by a factor of `chunk`, until one part makes up a row. */
function levelsOf(problem: ScanProblem, { chunk }: ExactConfig): readonly ScanProblem[] {
  const levels = [problem];
  while (levels.at(-1)!.length > chunk) {
    levels.push(totalsProblem(problem, ceilDiv(levels.at(-1)!.length, chunk)));
  }
  return levels;
}

const statesBytes = (problem: ScanProblem): number => scanRows(problem) * problem.length * EXACT_STATE_BYTES;

/** One dispatch of the shader. */
function pass(
  problem: ScanProblem,
  { chunk }: ExactConfig,
  caps: Capabilities,
  reads: 'elements' | 'states',
  starts: 'none' | 'prefix',
  leaves: 'element' | 'prefix' | 'total',
  bindings: readonly Binding[],
): Pass {
  const operator = operatorShader(problem);
  const cut = { parts: ceilDiv(problem.length, chunk), chunk };
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
  const [, totals] = levelsOf(problem, config);
  return !totals || statesBytes(totals) <= caps.limits.maxStorageBufferBindingSize;
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
  supports(problem) {
    const { outer, length, inner, segments } = problem;
    if (!isExactSum(problem)) return 'results need not be the same on every adapter, and others are faster';
    if (segments !== undefined) return 'segments are of unequal lengths';
    return outer * length * inner > 0 || 'there is nothing to scan';
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
    const levels = levelsOf(problem, config);
    const top = levels.length - 1;
    // Scratch buffer 2 l - 2 has the states of level l, and the one after it the prefixes.
    const states = (level: number): number => 2 * level - 2;
    const prefixes = (level: number): number => 2 * level - 1;
    const up = levels
      .slice(0, top)
      .map((problemHere, level) =>
        pass(problemHere, config, caps, level === 0 ? 'elements' : 'states', 'none', 'total', [
          level === 0 ? input(0) : scratchInput(states(level)),
          scratch(states(level + 1)),
        ]),
      );
    const down = levels.map((problemHere, level) =>
      pass(
        problemHere,
        config,
        caps,
        level === 0 ? 'elements' : 'states',
        level === top ? 'none' : 'prefix',
        level === 0 ? 'element' : 'prefix',
        [
          level === 0 ? input(0) : scratchInput(states(level)),
          level === 0 ? output(0) : scratch(prefixes(level)),
          ...(level === top ? [] : [scratchInput(prefixes(level + 1))]),
        ],
      ),
    );
    return {
      scratchBytes: levels.slice(1).flatMap((level) => [statesBytes(level), statesBytes(level)]),
      passes: [...up, ...down.toReversed()],
    };
  },
});
