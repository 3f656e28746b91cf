import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { blockPart, TILE } from './block.ts';
import { gradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

export const tileStatisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  part(attentionBackwardTexts, 'attentionBackward/tileStatistics'),
];

/** The statistics of rows, to scratch 0. */
export const tileStatisticsPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/tileStatistics',
    reads: 'quads',
    parts: tileStatisticsParts,
    makes: [],
    workgroups: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, TILE),
  });
