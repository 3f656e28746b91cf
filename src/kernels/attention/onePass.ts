import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { input, type Plan } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { foldWorkgroups } from '../define.ts';
import { optionalBindings, outputBindings } from './bindings.ts';
import { attentionParams } from './params.ts';
import { featureShader } from './score.ts';
import { joinInputs } from './smallInputs.ts';

interface OnePass {
  readonly label: string;
  /** How the shader reads k and v, and how many elements of a row it reads at once. */
  readonly reads: 'scalar' | 'quads' | 'halves' | 'matrices';
  readonly width: 1 | 4 | 8;
  /** In place of those of the features. */
  readonly extensions?: ShaderSource['extensions'];
  readonly constants?: NonNullable<ShaderSource['constants']>;
  readonly parts: readonly ShaderPart[];
  /** Workgroups in all. */
  readonly tiles: number;
}

/** The plan of a kernel that makes all of o in one pass. */
export function onePassPlan(
  problem: AttentionProblem,
  caps: Capabilities,
  { label, reads, width, extensions, constants, parts, tiles }: OnePass,
): Plan {
  const outputs = outputBindings(problem);
  const joined = joinInputs(problem, caps, { others: 3 + outputs.length, first: 3, scratch: 0 });
  const features = featureShader(problem, { reads, joined });
  return {
    scratchBytes: joined ? [joined.sizeBytes] : [],
    passes: [
      ...(joined?.passes ?? []),
      {
        label,
        shader: {
          ...features,
          extensions: extensions ?? features.extensions,
          constants: { ...features.constants, ...constants },
          parts: [...features.parts, ...parts],
        },
        params: attentionParams(problem, { width, joined }),
        bindings: [input(0), input(1), input(2), ...outputs, ...optionalBindings(problem, { joined })],
        workgroups: foldWorkgroups(tiles, caps),
      },
    ],
  };
}
