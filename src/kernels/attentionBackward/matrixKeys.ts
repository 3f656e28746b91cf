import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { changePart } from './change.ts';
import { matrixBlockParts, matrixPass, ownRows, type MatrixConfig } from './matrixBlock.ts';
import { ownKeyCount, ownKeysPart } from './ownKeys.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardMatricesTexts } from '../texts.ts';

export const matrixKeysParts: readonly ShaderPart[] = [
  workgroupIndex,
  changePart,
  ownKeysPart,
  ...matrixBlockParts,
  part(attentionBackwardMatricesTexts, 'attentionBackward/matrixKeys'),
];

/** The gradients of k and v. */
export const matrixKeysPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
  config: MatrixConfig,
): Pass =>
  matrixPass(problem, caps, joined, config, {
    label: 'attentionBackward/matrixKeys',
    parts: matrixKeysParts,
    makes: [1, 2],
    workgroups: problem.batch * problem.kvHeads * ceilDiv(ownKeyCount(problem), ownRows(config, caps)),
  });
