import type { SortProblem } from '../../reference/sort.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { order, workgroupIndex } from '../lib.ts';
import { sorted, sortSource } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** The declaration of `Params`, and the order of pairs. */
export const paramsPart = part(sortTexts, 'sort/params');

/** What one pass of a sort works on; by default, each row as a whole. */
interface Portion {
  /** Pairs of a row. */
  readonly pairs?: number;
  /** Into how many parts these are cut. */
  readonly parts?: number;
  /** Pairs of a part. */
  readonly chunk?: number;
  /** The lowest bit of the digit to sort by. */
  readonly shift?: number;
  /** Where a slab of the axis begins. */
  readonly firstPosition?: number;
  /** Where the results begin that are bound. */
  readonly firstRank?: number;
}

/** What keys are combined with, bit by bit. */
export const flipOf = ({ descending }: SortProblem): Params[string] => u32(descending ? 0xffff_ffff : 0);

/** The uniform block of every sort kernel. */
export function sortParams(problem: SortProblem, portion: Portion = {}): Params {
  const {
    pairs = problem.length,
    parts = 1,
    chunk = pairs,
    shift = 0,
    firstPosition = 0,
    firstRank = 0,
  } = portion;
  return {
    rows: u32(problem.outer * problem.inner),
    length: u32(problem.length),
    inner: u32(problem.inner),
    count: u32(problem.count),
    flip: flipOf(problem),
    pairs: u32(pairs),
    parts: u32(parts),
    chunk: u32(chunk),
    shift: u32(shift),
    firstPosition: u32(firstPosition),
    firstRank: u32(firstRank),
    firstOuter: u32(0),
  };
}

type Snippet = Required<Pick<ShaderSource, 'extensions' | 'aliases' | 'constants' | 'parts'>>;

/** What a shader needs to make keys of elements. */
export function keyShader({ dtype }: SortProblem): Snippet {
  const key = dtype === 'f16' ? 'f32' : dtype;
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype, Key: key },
    constants: { SMALLEST: false },
    parts: [order[key]],
  };
}

/** What a shader needs to read pairs, of elements or of an earlier pass. */
export function sourceShader(problem: SortProblem, source: 'elements' | 'pairs'): Snippet {
  const common = [paramsPart, workgroupIndex, sortSource[source]];
  if (source === 'pairs') return { extensions: [], aliases: {}, constants: {}, parts: common };
  const keys = keyShader(problem);
  return { ...keys, parts: [...common, ...keys.parts] };
}

/** What a shader needs to store results. */
export function resultShader({ dtype, payload = dtype, results }: SortProblem): Omit<Snippet, 'constants'> {
  return {
    extensions: results !== 'indices' && payload === 'f16' ? ['f16'] : [],
    aliases: results === 'indices' ? {} : { Payload: payload },
    parts: [sorted[results]],
  };
}

/** What `resultShader` declares from binding 2 on. */
export function resultBindings({ payload, results }: SortProblem): readonly Binding[] {
  if (results === 'indices') return [output(0)];
  const values = [input(payload === undefined ? 0 : 1), output(0)];
  return results === 'both' ? [...values, output(1)] : values;
}

/** A shader that makes results of pairs. */
export function sortShader(problem: SortProblem, source: 'elements' | 'pairs'): Snippet {
  const reads = sourceShader(problem, source);
  const stores = resultShader(problem);
  return {
    extensions: [...reads.extensions, ...stores.extensions],
    aliases: { ...reads.aliases, ...stores.aliases },
    constants: reads.constants,
    parts: [...reads.parts, ...stores.parts],
  };
}

/** All parts that these may use, for kernels' `parts`. */
export const everySortPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  ...[sortSource, sorted, order].flatMap((group) => Object.values(group)),
];
