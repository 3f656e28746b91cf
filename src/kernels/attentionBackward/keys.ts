import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { ownKeyCount, ownKeysPart } from './ownKeys.ts';
import { gradientPass } from './pass.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardTexts } from '../texts.ts';

/** Elements of a row that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

export const keysParts: readonly ShaderPart[] = [
  workgroupIndex,
  ownKeysPart,
  part(attentionBackwardTexts, 'attentionBackward/keys'),
];

/** The gradients of k and v. */
export const keysPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/keys',
    reads: 'scalar',
    parts: keysParts,
    makes: [1, 2],
    workgroups:
      problem.batch *
      problem.kvHeads *
      ownKeyCount(problem) *
      ceilDiv(Math.max(problem.headDim, problem.headDimV), COLUMNS),
  });
