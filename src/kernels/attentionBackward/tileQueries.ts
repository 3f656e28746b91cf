import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { vectorCapacity } from '../attention/contract.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { blockPart, TILE } from './block.ts';
import { changePart } from './change.ts';
import { gradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

export const tileQueriesParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  changePart,
  part(attentionBackwardTexts, 'attentionBackward/tileQueries'),
];

/** The gradient of q. */
export const tileQueriesPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/tileQueries',
    reads: 'quads',
    constants: {
      HEAD_VECTORS: vectorCapacity(problem.headDim),
    },
    parts: tileQueriesParts,
    makes: [0],
    workgroups: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, TILE),
  });
