import { u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import type { MatrixChainProblem } from './contract.ts';
import matrixChainSource from '../../../shaders/ceiling/matrixChain.wgsl?raw';

const source: ShaderPart = { path: 'ceiling/matrixChain.wgsl', code: matrixChainSource };

/** Products of subgroup matrices on registers, f16 into f32. */
export const matrixChain = defineKernel<MatrixChainProblem, { readonly subgroupsPerWorkgroup: number }>({
  name: 'matrixChain/registers',
  parts: [workgroupIndex, source],
  space: { subgroupsPerWorkgroup: [1, 4, 8] },
  supports({ m, n, k }, caps) {
    const reported = caps.subgroupMatrixConfigs.some(
      (config) =>
        config.componentType === 'f16' &&
        config.resultType === 'f32' &&
        config.m === m &&
        config.n === n &&
        config.k === k,
    );
    if (!reported) return `the adapter has no ${m}x${n}x${k} subgroup matrices of f16 into f32`;
    if (!caps.f16 || !caps.subgroups) return 'needs half precision and subgroups in shaders';
    return true;
  },
  legal: ({ subgroupsPerWorkgroup }, _problem, caps) =>
    subgroupsPerWorkgroup * caps.subgroups!.maxSize <= caps.limits.maxComputeInvocationsPerWorkgroup,
  heuristic: (_problem, caps) => ({
    subgroupsPerWorkgroup:
      4 * caps.subgroups!.maxSize <= caps.limits.maxComputeInvocationsPerWorkgroup ? 4 : 1,
  }),
  plan({ m, n, k, subgroups, rounds }, { subgroupsPerWorkgroup }, caps) {
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'matrixChain/registers',
          shader: {
            extensions: ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'],
            aliases: {
              LeftMatrix: `subgroup_matrix_left<f16, ${k}, ${m}>`,
              RightMatrix: `subgroup_matrix_right<f16, ${n}, ${k}>`,
              ResultMatrix: `subgroup_matrix_result<f32, ${n}, ${m}>`,
            },
            constants: {
              MATRIX_M: m,
              MATRIX_N: n,
              MATRIX_K: k,
              WORKGROUP_SIZE: subgroupsPerWorkgroup * caps.subgroups!.maxSize,
            },
            parts: [workgroupIndex, source],
          },
          params: { subgroups: u32(subgroups), rounds: u32(rounds) },
          bindings: [input(0), input(1), input(2), output(0)],
          // Subgroups may be narrower than the widest, so that a workgroup then has more of them than planned.
          workgroups: foldWorkgroups(ceilDiv(subgroups, subgroupsPerWorkgroup), caps),
        },
      ],
    };
  },
});
