import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { changePart } from './change.ts';
import { matrixBlockParts, matrixPass, ownRows, type MatrixConfig } from './matrixBlock.ts';
import { part } from '../../wgsl/part.ts';
import { attentionBackwardMatricesTexts } from '../texts.ts';

export const matrixQueriesParts: readonly ShaderPart[] = [
  workgroupIndex,
  changePart,
  ...matrixBlockParts,
  part(attentionBackwardMatricesTexts, 'attentionBackward/matrixQueries'),
];

/** The gradient of q. */
export const matrixQueriesPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
  config: MatrixConfig,
): Pass =>
  matrixPass(problem, caps, joined, config, {
    label: 'attentionBackward/matrixQueries',
    parts: matrixQueriesParts,
    makes: [0],
    workgroups: problem.batch * problem.heads * ceilDiv(problem.seqLenQ, ownRows(config, caps)),
  });
