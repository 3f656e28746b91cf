import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { workgroupIndex } from '../lib.ts';
import { gradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

export const statisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  part(attentionBackwardTexts, 'attentionBackward/statistics'),
];

/** The statistics of rows, to scratch 0. */
export const statisticsPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/statistics',
    reads: 'scalar',
    parts: statisticsParts,
    makes: [],
    workgroups: problem.batch * problem.heads * problem.seqLenQ,
  });
