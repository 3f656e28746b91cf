import type { SortProblem } from '../../reference/sort.ts';
import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** Counting digits. */
export const digitsPart = part(sortTexts, 'sort/digits');

/** Values of a digit, as in the shader. */
export const DIGITS = 16;

const DIGIT_BITS = 4;
const KEY_BITS = 32;

/** Half precision is widened to f32, whose last 13 bits it leaves alike for all numbers of a sign. */
const firstBit = ({ dtype }: SortProblem): number => (dtype === 'f16' ? 12 : 0);

/** The lowest bit of each digit that keys have to be sorted by, in turn. */
export function digitShifts(problem: SortProblem): number[] {
  const shifts: number[] = [];
  for (let bit = firstBit(problem); bit < KEY_BITS; bit += DIGIT_BITS) shifts.push(bit);
  return shifts;
}

/** How a row is cut into tiles, each sorted by a workgroup. */
export interface Tiling {
  /** Invocations of a workgroup; `LANES` in the shaders. */
  readonly lanes: number;
  /** Pairs of an invocation; `ITEMS` in the shaders. */
  readonly items: number;
  /** Whether invocations exchange counts within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

export const tilesOf = ({ length }: SortProblem, { lanes, items }: Tiling): number =>
  Math.ceil(length / (lanes * items));
