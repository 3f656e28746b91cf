import type { CompactProblem } from '../../reference/compact.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { compacted } from './snippets.ts';
import { workgroupIndex } from '../lib.ts';
import { isFloat } from '../rounding.ts';
import { part } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

const paramsPart = part(compactTexts, 'compact/params');

/** The uniform block of every compaction kernel. */
export function compactParams({ length }: CompactProblem, tiles = 1): Params {
  return { length: u32(length), tiles: u32(tiles) };
}

/** What a shader needs to read the mask. */
export function maskShader({ mask }: CompactProblem): Required<ShaderSource> {
  return {
    extensions: mask === 'f16' ? ['f16'] : [],
    aliases: { Mask: mask, Wide: mask === 'f16' ? 'f32' : mask },
    constants: { FLOATING: isFloat(mask) },
    parts: [paramsPart, workgroupIndex],
  };
}

/** What a shader needs to read the mask and keep elements. */
export function compactShader(problem: CompactProblem): Required<ShaderSource> {
  const { dtype } = problem;
  const reads = maskShader(problem);
  if (dtype === undefined) return { ...reads, parts: [...reads.parts, compacted.positions] };
  return {
    extensions: [...reads.extensions, ...(dtype === 'f16' ? (['f16'] as const) : [])],
    aliases: { ...reads.aliases, Elem: dtype },
    constants: reads.constants,
    parts: [...reads.parts, compacted.values],
  };
}

/** The mask, for binding 1. */
export const maskBinding = ({ dtype }: CompactProblem): Binding => input(dtype === undefined ? 0 : 1);

/** Bindings 1 to 4: the mask, the total, what is kept and what it is kept of. */
export function compactBindings(problem: CompactProblem): Binding[] {
  const common = [maskBinding(problem), output(1), output(0)];
  return problem.dtype === undefined ? common : [...common, input(0)];
}

/** All parts that these may use, for kernels' `parts`. */
export const everyCompactPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  ...Object.values(compacted),
];
