import { gridSize } from '../../reference/grids.ts';
import {
  channelOf,
  normOperands,
  normReference,
  rowPositions,
  rowStatistics,
  type NormProblem,
} from '../../reference/norm.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { bytesOf, type Contract } from '../define.ts';
import { roundingUnit } from '../rounding.ts';
import { normalisedError, rowErrors } from './errors.ts';

/** Sum, difference, square, sum, product, scale, bias: one operation each. */
const FLOPS_PER_ELEMENT = 7;

const sizeOf = ({ keptDims, reducedDims }: NormProblem): number => gridSize(keptDims) * gridSize(reducedDims);

export const normContract: Contract<NormProblem> = {
  name: 'norm',
  inputs(problem) {
    const { dtype, groups, channels, scale, bias, residual } = problem;
    const x = { shape: [sizeOf(problem)], dtype };
    const perChannel = { shape: [groups * channels], dtype };
    return [x, ...(scale ? [perChannel] : []), ...(bias ? [perChannel] : []), ...(residual ? [x] : [])];
  },
  outputs(problem) {
    const y = { shape: [sizeOf(problem)], dtype: problem.dtype };
    return problem.sum ? [y, y] : [y];
  },
  key: (p) =>
    [
      p.kind,
      p.dtype,
      p.groups,
      p.channels,
      p.spatial,
      p.epsilon,
      p.scale,
      p.bias,
      p.residual,
      p.sum,
      p.keptDims,
      p.keptStrides,
      p.reducedDims,
      p.reducedStrides,
    ].join(),
  dtype: ({ dtype }) => dtype,
  shapeClass({ keptDims, reducedDims }) {
    const length = gridSize(reducedDims);
    return `${gridSize(keptDims) < 256 ? 'few' : 'many'}-${length < 1024 ? 'short' : length < 16_384 ? 'medium' : 'long'}`;
  },
  flops: (problem) => FLOPS_PER_ELEMENT * sizeOf(problem),
  bytes: (problem) =>
    bytesOf([...normContract.inputs(problem), ...normContract.outputs(problem)], dtypeSizeBytes),
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
