import type { AttentionProblem } from '../../reference/attention.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, defineKernel, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { onePassPlan } from './onePass.ts';
import { featureParts } from './score.ts';
import { part } from '../../wgsl/part.ts';
import { attentionTexts } from '../texts.ts';

/** Elements of o that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

const parts: readonly ShaderPart[] = [workgroupIndex, part(attentionTexts, 'attention/naive')];

/** One workgroup for 64 columns of a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<AttentionProblem, Config>({
  name: 'attention/naive',
  parts: [...featureParts, ...parts],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan: (problem, _config, caps) =>
    onePassPlan(problem, caps, {
      label: 'attention/naive',
      reads: 'scalar',
      width: 1,
      parts,
      tiles: problem.batch * problem.heads * problem.seqLenQ * ceilDiv(problem.headDimV, COLUMNS),
    }),
});
