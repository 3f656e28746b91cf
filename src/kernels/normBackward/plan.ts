import { gridSize } from '../../reference/grids.ts';
import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, output, scratch, type Binding, type Pass, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { elementAliases, pairAccess, workgroupIndex } from '../lib.ts';
import { channelScale } from './snippets.ts';
import { paramsPart } from '../norm/params.ts';
import { channelGradientsParts, channelGradientsPass } from './channelGradients.ts';
import { channelSumsParts, channelSumsPass, channelSplit } from './channelSums.ts';

/** Bytes of a pair of numbers in f32. */
export const PAIR_BYTES = 8;

/** What the first pass needs to read operands and to write dx, for a shader: element by element, or four at a time. */
export function accessShader(
  problem: NormBackwardProblem,
  access: 'aligned' | 'scalar',
): Required<ShaderSource> {
  const alignedChannels = access === 'aligned' && problem.spatial === 1;
  return {
    extensions: problem.dtype === 'f16' ? ['f16'] : [],
    aliases: elementAliases(problem.dtype),
    constants: {
      CENTERED: problem.kind === 'layer',
      SPATIAL: problem.spatial > 1,
      HAS_SCALE: problem.scale,
    },
    parts: [
      paramsPart,
      workgroupIndex,
      pairAccess[access],
      channelScale[alignedChannels ? 'aligned' : 'scalar'],
    ],
  };
}

/** All parts that a plan may use besides those of the first pass itself, for kernels' `parts`. */
export const everySharedPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  ...[pairAccess, channelScale].flatMap((group) => Object.values<ShaderPart>(group)),
  ...channelSumsParts,
  ...channelGradientsParts,
];

/** Bindings in the order of `accessShader`'s parts, then the rows' statistics. x stands in where there is no scale. */
export const accessBindings = ({ scale }: NormBackwardProblem): readonly Binding[] => [
  input(0),
  input(1),
  output(0),
  input(scale ? 2 : 0),
  scratch(0),
];

/** The plan of which a kernel gives the first pass. */
export function backwardPlan(first: Pass, problem: NormBackwardProblem, caps: Capabilities): Plan {
  const channels = problem.groups * problem.channels;
  const cut = channelSplit(problem);
  return {
    scratchBytes: [
      // At least one, since nothing smaller can be bound.
      Math.max(1, gridSize(problem.keptDims)) * PAIR_BYTES,
      channels * cut.split * PAIR_BYTES,
    ],
    passes: [first, channelSumsPass(problem, caps, cut), channelGradientsPass(problem, caps, cut.split)],
  };
}
