import type { AttentionProblem } from '../../reference/attention.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { attentionBindings, attentionExtensions } from './contract.ts';
import { maskPart } from './mask.ts';
import { attentionParams, paramsPart } from './params.ts';
import { softmaxPart } from './softmax.ts';
import naiveSource from '../../../shaders/attention/naive.wgsl?raw';

/** Elements of o that a workgroup makes; `THREADS` in the shader. */
const COLUMNS = 64;

const parts: readonly ShaderPart[] = [
  paramsPart,
  maskPart,
  softmaxPart,
  workgroupIndex,
  { path: 'attention/naive.wgsl', code: naiveSource },
];

/** One workgroup for 64 columns of a row: the slowest kernel, and the one that runs everything. */
export const naive = defineKernel<AttentionProblem, Config>({
  name: 'attention/naive',
  parts,
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan(problem, _config, caps) {
    const rows = problem.batch * problem.heads * problem.seqLenQ;
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'attention/naive',
          shader: { extensions: attentionExtensions(problem), aliases: { Elem: problem.dtype }, parts },
          params: attentionParams(problem),
          bindings: attentionBindings,
          workgroups: foldWorkgroups(rows * ceilDiv(problem.headDimV, COLUMNS), caps),
        },
      ],
    };
  },
});
