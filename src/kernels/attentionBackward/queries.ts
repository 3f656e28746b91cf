import type { BackwardProblem } from '../../reference/attentionBackward.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import type { JoinedInputs } from '../attention/smallInputs.ts';
import { ceilDiv } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { gradientPass } from './pass.ts';
import source from '../../../shaders/attentionBackward/queries.wgsl?raw';

/** Elements of a row that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

export const queriesParts: readonly ShaderPart[] = [
  workgroupIndex,
  { path: 'attentionBackward/queries.wgsl', code: source },
];

/** The gradient of q. */
export const queriesPass = (
  problem: BackwardProblem,
  caps: Capabilities,
  joined: JoinedInputs | undefined,
): Pass =>
  gradientPass(problem, caps, joined, {
    label: 'attentionBackward/queries',
    reads: 'scalar',
    parts: queriesParts,
    makes: [0],
    workgroups: problem.batch * problem.heads * problem.seqLenQ * ceilDiv(problem.headDim, COLUMNS),
  });
