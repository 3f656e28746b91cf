// How invocations of a workgroup combine what they have: the WGSL snippets, and what they need of a shader.
import type { Capabilities } from '../runtime/capabilities.ts';
import type { ShaderPart, ShaderSource } from '../wgsl/source.ts';
import { variants } from '../wgsl/part.ts';
import { commonTexts } from './texts.ts';

/** `groupReduce(state, invocation)`, `placeOf(invocation)` and `Invocation`; for `subgroup` see `groupReduceRuns`. */
export const groupReduce = variants(commonTexts, 'lib/groupReduce', ['workgroup', 'subgroup']);

/** `groupScan(states, invocation)`, `placeOf(invocation)` and `Invocation`; for `subgroup` see `groupReduceRuns`. */
export const groupScan = variants(commonTexts, 'lib/groupScan', ['workgroup', 'subgroup']);

/** How a workgroup is divided into groups that share a result. */
export interface GroupConfig {
  readonly workgroupSize: number;
  /** Invocations of a group, a power of two. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

/** States that `groupReduce.subgroup` may have to combine one after the other, since sums are to stay accurate. */
const MAX_SUBGROUPS_PER_GROUP = 64;

/** Whether `groupReduce` runs; with subgroups, the device must number them, and all of a workgroup's must be full. */
export function groupReduceRuns(
  { workgroupSize, lanes, subgroups }: GroupConfig,
  caps: Capabilities,
): boolean {
  if (lanes > workgroupSize || workgroupSize > caps.limits.maxComputeInvocationsPerWorkgroup) return false;
  return (
    !subgroups ||
    (lanes > 1 &&
      caps.subgroups !== undefined &&
      caps.wgslFeatures.includes('subgroup_id') &&
      workgroupSize % caps.subgroups.maxSize === 0 &&
      lanes <= caps.subgroups.minSize * MAX_SUBGROUPS_PER_GROUP)
  );
}

/** What a snippet that joins the invocations of a group needs of the shader that it is in. */
type GroupShader = Required<Pick<ShaderSource, 'extensions' | 'constants'>> & { readonly part: ShaderPart };

/** What `groupReduce` needs of the shader that it is in, for groups of `lanes` invocations. */
export function groupReduceShader(config: GroupConfig, caps: Capabilities): GroupShader {
  return groupShader(groupReduce, config, caps);
}

/**
 * What `groupScan` needs of the shader that it is in. It runs where `groupReduce` does.
 *
 * @param apart whether neighbouring invocations belong to different groups, which rules subgroups out
 */
export function groupScanShader(config: GroupConfig, apart: boolean, caps: Capabilities): GroupShader {
  const shader = groupShader(groupScan, config, caps);
  const stride = apart ? config.workgroupSize / config.lanes : 1;
  return { ...shader, constants: { ...shader.constants, LANE_STRIDE: stride } };
}

function groupShader(
  parts: Readonly<Record<'workgroup' | 'subgroup', ShaderPart>>,
  { workgroupSize, lanes, subgroups }: GroupConfig,
  caps: Capabilities,
): GroupShader {
  const group = { LANES: lanes, ROWS: workgroupSize / lanes };
  if (!subgroups) return { extensions: [], constants: group, part: parts.workgroup };
  const { minSize, maxSize } = caps.subgroups!;
  return {
    extensions: ['subgroups'],
    constants: { ...group, SMALLEST_SUBGROUP: minSize, LARGEST_SUBGROUP: maxSize },
    part: parts.subgroup,
  };
}
