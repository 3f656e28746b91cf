import { u32 } from '../../runtime/params.ts';
import { output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import type { WriteProblem } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(ceilingTexts, 'ceiling/write');

/** Writes 16 bytes an access, `perInvocation` of them an invocation. */
export const write = defineKernel<WriteProblem, { readonly perInvocation: number }>({
  name: 'write/vector',
  parts: [workgroupIndex, source],
  space: { perInvocation: [1, 2, 4, 8] },
  supports: () => true,
  legal: () => true,
  heuristic: () => ({ perInvocation: 4 }),
  plan: ({ vectors, value }, { perInvocation }, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'write/vector',
        shader: { constants: { PER_INVOCATION: perInvocation }, parts: [workgroupIndex, source] },
        params: { vectors: u32(vectors), value: u32(value) },
        bindings: [output(0)],
        workgroups: foldWorkgroups(ceilDiv(vectors, WORKGROUP_SIZE * perInvocation), caps),
      },
    ],
  }),
});
