import type { ElementSource } from './freivalds.ts';

/** Rows of `width` elements, one after the other. */
export function gatherRows(source: ElementSource, rows: readonly number[], width: number): Float64Array {
  const values = new Float64Array(rows.length * width);
  for (const [index, row] of rows.entries()) values.set(source.slice(row * width, width), index * width);
  return values;
}

/** Where the elements of rows of `width` are. */
export function positionsOfRows(rows: readonly number[], width: number): Float64Array {
  const positions = new Float64Array(rows.length * width);
  for (const [index, row] of rows.entries()) {
    for (let column = 0; column < width; column++) positions[index * width + column] = row * width + column;
  }
  return positions;
}

/** Rows along the middle axis of a tensor [outer, length, inner]. */
interface AlongAxis {
  readonly length: number;
  readonly inner: number;
}

/** Rows of `length` elements that lie `inner` apart, one after the other. */
export function gatherAlong(
  source: { at(index: number): number },
  axis: AlongAxis,
  rows: readonly number[],
): Float64Array {
  return Float64Array.from(positionsAlong(axis, rows), (position) => source.at(position));
}

/** Where the elements of rows are that lie `inner` apart. */
export function positionsAlong({ length, inner }: AlongAxis, rows: readonly number[]): Float64Array {
  const positions = new Float64Array(rows.length * length);
  for (const [index, row] of rows.entries()) {
    const start = Math.floor(row / inner) * length * inner + (row % inner);
    for (let i = 0; i < length; i++) positions[index * length + i] = start + i * inner;
  }
  return positions;
}
