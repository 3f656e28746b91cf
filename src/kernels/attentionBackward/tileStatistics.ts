import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { blockPart, TILE } from './block.ts';
import { gradientPass } from './pass.ts';
import source from '../../../shaders/attentionBackward/tileStatistics.wgsl?raw';

export const tileStatisticsParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  { path: 'attentionBackward/tileStatistics.wgsl', code: source },
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
