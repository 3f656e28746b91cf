import type { CompactProblem } from '../../reference/compact.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import type { Range } from '../define.ts';
import { compacted } from './snippets.ts';
import { workgroupIndex } from '../lib.ts';
import { isFloat } from '../rounding.ts';
import { part } from '../../wgsl/part.ts';
import { compactTexts } from '../texts.ts';

const paramsPart = part(compactTexts, 'compact/params');

/** The uniform block of every compaction kernel, for a range of the elements and one of the places that they go to. */
export function compactParams([begin, end]: Range, [firstPlace, endOfPlaces]: Range, tiles = 1): Params {
  return {
    length: u32(end - begin),
    tiles: u32(tiles),
    first: u32(begin),
    firstPlace: u32(firstPlace),
    places: u32(endOfPlaces - firstPlace),
  };
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
const maskBinding = ({ dtype }: CompactProblem): Binding => input(dtype === undefined ? 0 : 1);

/** Elements that can be bound at once, and their bindings. */
export interface CompactSlice {
  readonly range: Range;
  readonly mask: Binding;
  /** What is kept; positions need none. */
  readonly x: readonly Binding[];
}

/** All elements. */
export const allElements = (problem: CompactProblem): CompactSlice => ({
  range: [0, problem.length],
  mask: maskBinding(problem),
  x: problem.dtype === undefined ? [] : [input(0)],
});

/** Bindings 1 to 4: the mask, the total, what is kept and what it is kept of. */
export const compactBindings = ({ mask, x }: CompactSlice, kept = output(0)): Binding[] => [
  mask,
  output(1),
  kept,
  ...x,
];

/** All parts that these may use, for kernels' `parts`. */
export const everyCompactPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  ...Object.values(compacted),
];
