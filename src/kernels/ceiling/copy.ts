import { u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import type { CopyProblem } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(ceilingTexts, 'ceiling/copy');

/** Copies 16 bytes an access, `perInvocation` of them an invocation. */
export const copy = defineKernel<CopyProblem, { readonly perInvocation: number }>({
  name: 'copy/vector',
  parts: [workgroupIndex, source],
  space: { perInvocation: [1, 2, 4, 8] },
  supports: () => true,
  legal: () => true,
  heuristic: () => ({ perInvocation: 4 }),
  plan: ({ vectors }, { perInvocation }, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'copy/vector',
        shader: { constants: { PER_INVOCATION: perInvocation }, parts: [workgroupIndex, source] },
        params: { vectors: u32(vectors) },
        bindings: [input(0), output(0)],
        workgroups: foldWorkgroups(ceilDiv(vectors, WORKGROUP_SIZE * perInvocation), caps),
      },
    ],
  }),
});
