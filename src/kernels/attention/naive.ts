import type { AttentionProblem } from '../../reference/attention.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { attentionBindings } from './contract.ts';
import { attentionParams } from './params.ts';
import { featureParts, featureShader } from './score.ts';
import naiveSource from '../../../shaders/attention/naive.wgsl?raw';

/** Elements of o that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

const parts: readonly ShaderPart[] = [workgroupIndex, { path: 'attention/naive.wgsl', code: naiveSource }];

/** One workgroup for 64 columns of a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<AttentionProblem, Config>({
  name: 'attention/naive',
  parts: [...featureParts, ...parts],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const features = featureShader(problem, { reads: 'scalar' });
    const rows = problem.batch * problem.heads * problem.seqLenQ;
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'attention/naive',
          shader: { ...features, parts: [...features.parts, ...parts] },
          params: attentionParams(problem, { width: 1 }),
          bindings: attentionBindings(problem),
          workgroups: foldWorkgroups(rows * ceilDiv(problem.headDimV, COLUMNS), caps),
        },
      ],
    };
  },
});
