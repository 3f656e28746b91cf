import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { output, scratchInput, type Pass } from '../../runtime/plan.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { ceilDiv, foldWorkgroups } from '../define.ts';
import { workgroupIndex } from '../lib.ts';
import { channelGradients } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { normBackwardTexts } from '../texts.ts';

/** As in the shader. */
const WORKGROUP_SIZE = 64;

const source = part(normBackwardTexts, 'normBackward/channelGradients');

/** Parts of the third pass, for kernels' `parts`. */
export const channelGradientsParts: readonly ShaderPart[] = [
  workgroupIndex,
  ...Object.values<ShaderPart>(channelGradients),
  source,
];

/**
 * The pass from partial sums of channels in scratch 1, `split` of each, to dScale and, but for `rms`, dBias.
 *
 * @param firstChannel the place of the problem's first channel in what is bound of them
 */
export function channelGradientsPass(
  problem: NormBackwardProblem,
  caps: Capabilities,
  split: number,
  firstChannel = 0,
): Pass {
  const { kind, dtype } = problem;
  const channels = problem.groups * problem.channels;
  return {
    label: 'normBackward/channelGradients',
    shader: {
      extensions: dtype === 'f16' ? ['f16'] : [],
      aliases: { Elem: dtype },
      parts: [workgroupIndex, kind === 'rms' ? channelGradients.scale : channelGradients.both, source],
    },
    params: { channels: u32(channels), split: u32(split), firstChannel: u32(firstChannel) },
    bindings: [scratchInput(1), output(1), ...(kind === 'rms' ? [] : [output(2)])],
    workgroups: foldWorkgroups(ceilDiv(channels, WORKGROUP_SIZE), caps),
  };
}
