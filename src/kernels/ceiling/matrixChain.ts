import { u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { matrixSum, type MatrixChainProblem } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

const source = part(ceilingTexts, 'ceiling/matrixChain');

/** Products of subgroup matrices on registers, f16 into f32 or i8 into i32. */
export const matrixChain = defineKernel<MatrixChainProblem, { readonly subgroupsPerWorkgroup: number }>({
  name: 'matrixChain/registers',
  parts: [workgroupIndex, source],
  space: { subgroupsPerWorkgroup: [1, 4, 8] },
  supports({ m, n, k, component }, caps) {
    const sum = matrixSum({ component });
    const reported = caps.subgroupMatrixConfigs.some(
      (config) =>
        config.componentType === component &&
        config.resultType === sum &&
        config.m === m &&
        config.n === n &&
        config.k === k,
    );
    if (!reported) return `the adapter has no ${m}x${n}x${k} subgroup matrices of ${component} into ${sum}`;
    if (component === 'f16' && !caps.f16) return 'needs half precision in shaders';
    if (!caps.subgroups) return 'needs subgroups in shaders';
    return true;
  },
  legal: ({ subgroupsPerWorkgroup }, _problem, caps) =>
    subgroupsPerWorkgroup * caps.subgroups!.maxSize <= caps.limits.maxComputeInvocationsPerWorkgroup,
  heuristic: (_problem, caps) => ({
    subgroupsPerWorkgroup:
      4 * caps.subgroups!.maxSize <= caps.limits.maxComputeInvocationsPerWorkgroup ? 4 : 1,
  }),
  plan({ m, n, k, subgroups, rounds, component }, { subgroupsPerWorkgroup }, caps) {
    const sum = matrixSum({ component });
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'matrixChain/registers',
          shader: {
            extensions: [
              ...(component === 'f16' ? ['f16' as const] : []),
              'subgroups',
              'chromium_experimental_subgroup_matrix',
            ],
            aliases: {
              LeftMatrix: `subgroup_matrix_left<${component}, ${k}, ${m}>`,
              RightMatrix: `subgroup_matrix_right<${component}, ${n}, ${k}>`,
              ResultMatrix: `subgroup_matrix_result<${sum}, ${n}, ${m}>`,
              Total: sum,
            },
            constants: {
              PER_WORD: component === 'f16' ? 2 : 4,
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
