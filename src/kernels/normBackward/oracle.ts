import {
  channelOf,
  normBackwardReference,
  rowPositions,
  rowStatistics,
  type NormBackwardProblem,
} from '../../reference/norm.ts';
import type { Oracle } from '../define.ts';
import { normalisedError, rowErrors } from '../norm/errors.ts';
import { longestChain, roundingUnit } from '../rounding.ts';

export const normBackwardOracle: Oracle<NormBackwardProblem> = {
  reference: normBackwardReference,
  /**
   * To first order, with e(n) the error of a normalised element (`normalisedError`), and h the `longestChain` of additions. The mean
   * of g is off by (h + 3) u mean |g|, that of g n by (h + 4) u mean |g n| + mean |g| e(n); dx by these, by e(n) times the latter
   * mean, by the rounding of each step, and by the factor 1 / deviation. dScale is off by (h + 3) u sum |dy n| + sum |dy| e(n),
   * dBias by h u sum |dy|.
   */
  errorBound(problem, [x, dy, scale], expected) {
    const { kind, dtype, groups, channels } = problem;
    const u = roundingUnit('f32');
    const { starts, offsets } = rowPositions(problem);
    const h = longestChain(offsets.length);
    const perChannel = longestChain((starts.length * offsets.length) / Math.max(1, groups * channels));
    const dx = new Float64Array(x!.length);
    const dScale = new Float64Array(groups * channels);
    const dBias = new Float64Array(groups * channels);
    for (const [o, start] of starts.entries()) {
      const row = offsets.map((offset) => x![start + offset]!);
      const statistics = rowStatistics(problem, row);
      const errors = rowErrors({ ...problem, residual: false }, row, statistics);
      const n = row.map((value) => Math.abs(value - statistics.mean) * statistics.inverseDeviation);
      const ofN = row.map((value, r) => normalisedError(value, statistics, errors) + u * n[r]!);
      const given = offsets.map((offset) => Math.abs(dy![start + offset]!));
      const g = given.map((value, r) => value * Math.abs(scale?.[channelOf(problem, o, r)] ?? 1));
      const average = (of: (value: number, r: number) => number): number =>
        g.reduce((sum, value, r) => sum + of(value, r), 0) / g.length;
      const shift = kind === 'rms' ? 0 : average((value) => value);
      const slope = average((value, r) => value * n[r]!);
      const ofSlope = (h + 4) * u * slope + average((value, r) => value * ofN[r]!);
      for (const [r, offset] of offsets.entries()) {
        const rounding = 4 * u * (g[r]! + shift + n[r]! * slope);
        const inner = (h + 3) * u * shift + n[r]! * ofSlope + slope * ofN[r]! + rounding;
        const terms = g[r]! + shift + n[r]! * slope;
        dx[start + offset] = statistics.inverseDeviation * (inner + (errors.inverseDeviation + u) * terms);
        const channel = channelOf(problem, o, r);
        dScale[channel]! += (perChannel + 3) * u * given[r]! * n[r]! + given[r]! * ofN[r]!;
        dBias[channel]! += perChannel * u * given[r]!;
      }
    }
    return [dx, dScale, dBias]
      .slice(0, expected.length)
      .map((errors, index) =>
        errors.map((error, i) => error + roundingUnit(dtype) * (Math.abs(expected[index]![i]!) + error)),
      );
  },
};
