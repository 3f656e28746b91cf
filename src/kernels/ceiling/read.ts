import { u32 } from '../../runtime/params.ts';
import { input, output } from '../../runtime/plan.ts';
import { ceilDiv, defineKernel, foldWorkgroups, type Config } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import type { ReadProblem } from './contract.ts';
import { part } from '../../wgsl/part.ts';
import { ceilingTexts } from '../texts.ts';

/** `WORKGROUP_SIZE` in the shader. */
const WORKGROUP_SIZE = 256;

const source = part(ceilingTexts, 'ceiling/read');

/** Reads 16 bytes an access, four accesses of an invocation at once. */
export const read = defineKernel<ReadProblem, Config>({
  name: 'read/vector',
  parts: [workgroupIndex, source],
  space: {},
  supports: ({ perInvocation }) =>
    perInvocation % 4 === 0 || 'reads four vectors at once: perInvocation must be a multiple of 4',
  legal: () => true,
  heuristic: () => ({}),
  plan: ({ runs, perInvocation, neighbours }, _config, caps) => ({
    scratchBytes: [],
    passes: [
      {
        label: 'read/vector',
        shader: { parts: [workgroupIndex, source] },
        params: {
          invocations: u32(runs * neighbours),
          perInvocation: u32(perInvocation),
          neighbours: u32(neighbours),
        },
        bindings: [input(0), output(0)],
        workgroups: foldWorkgroups(ceilDiv(runs * neighbours, WORKGROUP_SIZE), caps),
      },
    ],
  }),
});
