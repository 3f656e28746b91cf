import type { GateProblem } from '../../reference/gate.ts';
import { f32, u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, powerOfTwo, type Config } from '../define.ts';
import { activation, elementAliases, pairAccess, workgroupIndex } from '../lib.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { part } from '../../wgsl/part.ts';
import { gateTexts } from '../texts.ts';

interface ElementwiseConfig extends Config {
  /** Times four elements that an invocation makes; `QUADS` in the shader. */
  readonly quads: number;
}

const QUAD = 4;

/** Elements that a workgroup makes at a time, as in the shader. */
const STRETCH = QUAD * 256;

const source = part(gateTexts, 'gate/elementwise');

/** Four elements an invocation, or some times four. */
export const elementwise = defineKernel<GateProblem, ElementwiseConfig>({
  name: 'gate/elementwise',
  parts: [workgroupIndex, source, ...Object.values(activation), ...Object.values<ShaderPart>(pairAccess)],
  space: { quads: [1, 2, 4, 8, 16] },
  supports: () => true,
  legal: () => true,
  // To begin with a workgroup is what a processor is slow at.
  heuristic: ({ elements }, { software }) => ({
    quads: software ? Math.min(8, powerOfTwo(elements / STRETCH / 16)) : 1,
  }),
  plan: ({ elements, dtype, limits, ...problem }, { quads }, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'gate/elementwise',
        shader: {
          extensions: dtype === 'f16' ? ['f16'] : [],
          aliases: elementAliases(dtype),
          constants: { QUADS: quads },
          parts: [
            workgroupIndex,
            pairAccess[elements % QUAD === 0 ? 'aligned' : 'scalar'],
            activation[problem.activation],
            source,
          ],
        },
        params: { elements: u32(elements), clipMin: f32(limits[0]), clipMax: f32(limits[1]) },
        bindings: [input(0), input(1), output(0)],
        workgroups: foldWorkgroups(ceilDiv(elements, quads * STRETCH), caps),
      },
    ],
  }),
});
