import { QUANT_BLOCK } from '../../reference/attention.ts';
import {
  quantisedBlock,
  rotatedRow,
  rowMoves,
  writeRowsOperands,
  writeRowsReference,
  type WriteRowsProblem,
} from '../../reference/writeRows.ts';
import { elementCount, type TensorSpec } from '../../tensor.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import { writeRowsContract } from './contract.ts';

export const writeRowsOracle: Oracle<WriteRowsProblem> = {
  reference: (problem, inputs, old) => writeRowsReference(problem, inputs, sizesOf(problem), old),
  errorBound,
};

const sizesOf = (problem: WriteRowsProblem): readonly number[] =>
  writeRowsContract.outputs(problem).map(({ shape }: TensorSpec) => elementCount(shape));

/**
 * A rotated element is two products and a sum in f32: off by 3u (|x cos| + |y sin|), at most 3u times the sum of both
 * magnitudes, then rounded to its type. A factor is off by as much of a 127th, and 3u of itself for its quotient; an integer by 1, where
 * these errors decide which way it is rounded.
 */
function errorBound(
  problem: WriteRowsProblem,
  inputs: readonly Float64Array[],
  expected: readonly Float64Array[],
): readonly Float64Array[] {
  const operands = writeRowsOperands(problem, inputs);
  const u = roundingUnit('f32');
  const [bounds, scaleBounds] = expected.map(({ length }) => new Float64Array(length));
  for (const move of rowMoves(problem, operands)) {
    const row = rotatedRow(problem, operands, move);
    const source = operands.x.subarray(move.from, move.from + row.length);
    let largest = 0;
    for (const value of source) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    let steepest = 1;
    for (const table of [operands.cos, operands.sin])
      for (const value of table ?? [])
        if (Number.isFinite(value)) steepest = Math.max(steepest, Math.abs(value));
    const rotation = problem.rotary ? 6 * u * largest * steepest : 0;
    if (!scaleBounds) {
      const unit = roundingUnit(problem.dtype);
      for (const [d, value] of row.entries())
        bounds![move.to + d] = problem.rotary ? rotation + unit * (Math.abs(value) + rotation) : 0;
      continue;
    }
    for (let d = 0; d < row.length; d += QUANT_BLOCK) {
      const { scale, units } = quantisedBlock(row.subarray(d, d + QUANT_BLOCK));
      scaleBounds[(move.to + d) / QUANT_BLOCK] = rotation / 127 + 4 * u * scale;
      const unitError = scale === 0 ? 0 : (2 * rotation) / scale + 127 * 6 * u;
      for (const [j, value] of units.entries()) {
        const toTie = Math.abs(Math.abs(value - Math.trunc(value)) - 0.5);
        bounds![move.to + d + j] = toTie <= unitError ? 1 : 0;
      }
    }
  }
  return scaleBounds ? [bounds!, scaleBounds] : [bounds!];
}
