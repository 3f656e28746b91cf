import type { GateProblem } from '../../reference/gate.ts';
import { f32, u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { activation, workgroupIndex } from '../lib.ts';
import { part } from '../../wgsl/part.ts';
import { gateTexts } from '../texts.ts';

/** Elements of a workgroup, as in the shader. */
const ELEMENTS = 4 * 256;

const source = part(gateTexts, 'gate/elementwise');

/** Four elements an invocation. */
export const elementwise = defineKernel<GateProblem, Config>({
  name: 'gate/elementwise',
  parts: [workgroupIndex, source, ...Object.values(activation)],
  space: {},
  supports: () => true,
  legal: () => true,
  heuristic: () => ({}),
  plan: ({ elements, dtype, limits, ...problem }, _config, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'gate/elementwise',
        shader: {
          extensions: dtype === 'f16' ? ['f16'] : [],
          aliases: { Elem: dtype },
          parts: [workgroupIndex, activation[problem.activation], source],
        },
        params: { elements: u32(elements), clipMin: f32(limits[0]), clipMax: f32(limits[1]) },
        bindings: [input(0), input(1), output(0)],
        workgroups: foldWorkgroups(ceilDiv(elements, ELEMENTS), caps),
      },
    ],
  }),
});
