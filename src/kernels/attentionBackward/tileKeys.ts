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
import { ownKeyCount, ownKeysPart } from './ownKeys.ts';
import { gradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

export const tileKeysParts: readonly ShaderPart[] = [
  workgroupIndex,
  blockPart,
  changePart,
  ownKeysPart,
  part(attentionBackwardTexts, 'attentionBackward/tileKeys'),
];

/** The gradients of k and v. */
export const tileKeysPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/tileKeys',
    reads: 'quads',
    constants: {
      HEAD_VECTORS: vectorCapacity(problem.headDim),
      VALUE_VECTORS: vectorCapacity(problem.headDimV),
    },
    parts: tileKeysParts,
    makes: [1, 2],
    workgroups: problem.batch * problem.kvHeads * ceilDiv(ownKeyCount(problem), TILE),
  });
