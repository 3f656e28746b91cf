import { f32, u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { advance } from './snippets.ts';
import { dot4, workgroupIndex } from '../lib.ts';
import { DOT_FACTORS, FMA_ADDEND, FMA_MULTIPLIER, type FmaChainProblem } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(ceilingTexts, 'ceiling/fmaChain');

/** Multiply-adds on registers, in f32 or f16, or of i8 by dot products of four. The one kernel that computes in f16: its speed is what is asked for. */
export const fmaChain = defineKernel<FmaChainProblem, Config>({
  name: 'fmaChain/vector',
  parts: [workgroupIndex, ...Object.values(advance), dot4.packed, source],
  space: {},
  supports({ dtype }, { f16, wgslFeatures }) {
    if (dtype === 'f16' && !f16) return 'needs half precision in shaders (feature shader-f16)';
    const feature = 'packed_4x8_integer_dot_product';
    return dtype !== 'i8' || wgslFeatures.includes(feature) || `needs dot products in WGSL (${feature})`;
  },
  legal: () => true,
  heuristic: () => ({}),
  plan: ({ invocations, rounds, dtype }, _config, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'fmaChain/vector',
        shader: {
          extensions: dtype === 'f16' ? ['f16'] : [],
          aliases: { Elem: dtype === 'i8' ? 'i32' : dtype },
          parts: [
            workgroupIndex,
            ...(dtype === 'i8' ? [advance.dotAdd, dot4.packed] : [advance.multiplyAdd]),
            source,
          ],
        },
        params: {
          invocations: u32(invocations),
          rounds: u32(rounds),
          ...(dtype === 'i8'
            ? { factors: u32(DOT_FACTORS) }
            : { multiplier: f32(FMA_MULTIPLIER), addend: f32(FMA_ADDEND) }),
        },
        bindings: [input(0), output(0)],
        workgroups: foldWorkgroups(ceilDiv(invocations, WORKGROUP_SIZE), caps),
      },
    ],
  }),
});
