import { f32, u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { FMA_ADDEND, FMA_MULTIPLIER, type FmaChainProblem } from './contract.ts';
import fmaChainSource from '../../../shaders/ceiling/fmaChain.wgsl?raw';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source: ShaderPart = { path: 'ceiling/fmaChain.wgsl', code: fmaChainSource };

/** Multiply-adds on registers, in f32 or f16. The one kernel that computes in f16: its speed is what is asked for. */
export const fmaChain = defineKernel<FmaChainProblem, Config>({
  name: 'fmaChain/vector',
  parts: [workgroupIndex, source],
  space: {},
  supports: ({ dtype }, caps) =>
    dtype === 'f32' || caps.f16 || 'needs half precision in shaders (feature shader-f16)',
  legal: () => true,
  heuristic: () => ({}),
  plan: ({ invocations, rounds, dtype }, _config, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'fmaChain/vector',
        shader: {
          extensions: dtype === 'f16' ? ['f16'] : [],
          aliases: { Elem: dtype },
          parts: [workgroupIndex, source],
        },
        params: {
          invocations: u32(invocations),
          rounds: u32(rounds),
          multiplier: f32(FMA_MULTIPLIER),
          addend: f32(FMA_ADDEND),
        },
        bindings: [input(0), output(0)],
        workgroups: foldWorkgroups(ceilDiv(invocations, WORKGROUP_SIZE), caps),
      },
    ],
  }),
});
