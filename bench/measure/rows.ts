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
