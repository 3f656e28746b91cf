import {
  channelOf,
  normOperands,
  normReference,
  rowPositions,
  rowStatistics,
  type NormProblem,
} from '../../reference/norm.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import { normalisedError, rowErrors } from './errors.ts';

export const normOracle: Oracle<NormProblem> = {
  reference: normReference,
  /** The normalised element's error (`normalisedError`), scaled, and the roundings of scale, bias and of what is stored. */
  errorBound(problem, [x, ...operands], [y]) {
    const u = roundingUnit('f32');
    const unit = roundingUnit(problem.dtype);
    const { scale, bias, residual } = normOperands(problem, operands);
    const { starts, offsets } = rowPositions(problem);
    const s = x!.map((value, i) => value + (residual?.[i] ?? 0));
    const bound = new Float64Array(s.length);
    const row = new Float64Array(offsets.length);
    for (const [o, start] of starts.entries()) {
      for (const [r, offset] of offsets.entries()) row[r] = s[start + offset]!;
      const statistics = rowStatistics(problem, row);
      const errors = rowErrors(problem, row, statistics);
      for (const [r, offset] of offsets.entries()) {
        const channel = channelOf(problem, o, r);
        const at = start + offset;
        const scaling = Math.abs(scale?.[channel] ?? 1);
        const normalised = Math.abs(row[r]! - statistics.mean) * statistics.inverseDeviation;
        const error =
          scaling * (normalisedError(row[r]!, statistics, errors) + u * normalised) + u * Math.abs(y![at]!);
        bound[at] = error + unit * (Math.abs(y![at]!) + error + Math.abs(bias?.[channel] ?? 0) * u);
      }
    }
    if (!problem.sum) return [bound];
    return [bound, s.map((value) => u * Math.abs(value) + unit * Math.abs(value) * (1 + u))];
  },
};
