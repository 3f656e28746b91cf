import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, scratch, type Binding, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { optionalBindings } from '../attention/bindings.ts';
import { attentionParams } from '../attention/params.ts';
import { endingShader } from '../attention/score.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { firstOptional } from './contract.ts';
import { statistics } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** As in the shader. */
const ROWS = 8;

export const forwardStatisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  part(attentionBackwardTexts, 'attentionBackward/forwardStatistics'),
];

/** Optional inputs that say where rows are. */
const PLACES: ReadonlySet<string> = new Set(['lengths', 'offsetsQ', 'offsetsKv']);

/** The statistics of rows, to scratch 0, from dO and the forward pass's results. */
export function forwardStatisticsPass(
  problem: BackwardProblem,
  caps: Capabilities,
  { gradient, o, logSumExp }: Readonly<Record<'gradient' | 'o' | 'logSumExp', Binding>>,
): Pass {
  const rows = endingShader({ ...problem, sinks: false, logSumExp: false });
  return {
    label: 'attentionBackward/forwardStatistics',
    shader: { ...rows, parts: [...rows.parts, statistics.write, ...forwardStatisticsParts] },
    params: attentionParams(problem, { width: 1 }),
    bindings: [
      at(4, gradient),
      at(5, scratch(0)),
      ...optionalBindings(problem, {
        used: (name) => PLACES.has(name),
        first: firstOptional(problem),
      }),
      at(15, o),
      at(16, logSumExp),
    ],
    workgroups: foldWorkgroups(
      Math.max(1, ceilDiv(problem.batch * problem.heads * problem.seqLenQ, ROWS)),
      caps,
    ),
  };
}
