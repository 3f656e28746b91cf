import { gridOffsets, gridSize, type Grids } from './grids.ts';

/**
 * `y = (s - mean) / sqrt(variance + epsilon) * scale + bias` with s = x + residual; mean and variance are those of the elements
 * that one point of the kept axes has along the reduced axes, here called a row. `rms` takes no mean off, and the mean square for
 * the variance.
 *
 * Scale and bias belong to channels: element r of row o is of channel `(o % groups) * channels + floor(r / spatial)`.
 */
export interface NormProblem extends Grids {
  readonly kind: 'layer' | 'rms';
  readonly dtype: 'f32' | 'f16';
  /** Rows that follow each other and have channels of their own. */
  readonly groups: number;
  /** Channels of one row. */
  readonly channels: number;
  /** Neighbouring elements of a row that are of one channel. */
  readonly spatial: number;
  readonly epsilon: number;
  /** Whether there is a scale, a bias, a residual. */
  readonly scale: boolean;
  readonly bias: boolean;
  readonly residual: boolean;
  /** Whether s is a second result. */
  readonly sum: boolean;
}

/** Operands that follow x, those of them that the problem has, by name. */
export function normOperands<T>(
  { scale, bias, residual }: NormProblem,
  operands: readonly T[],
): { readonly scale?: T; readonly bias?: T; readonly residual?: T } {
  const rest = operands.values();
  return {
    ...(scale && { scale: rest.next().value! }),
    ...(bias && { bias: rest.next().value! }),
    ...(residual && { residual: rest.next().value! }),
  };
}

/** Channel of the r-th element of the o-th row. */
export function channelOf(
  { groups, channels, spatial }: Pick<NormProblem, 'groups' | 'channels' | 'spatial'>,
  o: number,
  r: number,
): number {
  return (o % groups) * channels + Math.floor(r / spatial);
}

/** What a row is normalised with. */
export interface RowStatistics {
  readonly mean: number;
  /** Mean of the squares of what is left when the mean is taken off. */
  readonly variance: number;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverseDeviation: number;
}

/** Mean and variance of a row, in two passes. */
export function rowStatistics(
  { kind, epsilon }: Pick<NormProblem, 'kind' | 'epsilon'>,
  row: Float64Array,
): RowStatistics {
  const mean = kind === 'rms' ? 0 : row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return { mean, variance, inverseDeviation: 1 / Math.sqrt(variance + epsilon) };
}

/** Positions of the elements of each row. */
export function rowPositions(grids: Grids): {
  readonly starts: Float64Array;
  readonly offsets: Float64Array;
} {
  return {
    starts: gridOffsets(grids.keptDims, grids.keptStrides),
    offsets: gridOffsets(grids.reducedDims, grids.reducedStrides),
  };
}

/** The definition of the norms, in f64: y, and s if it is asked for. */
export function normReference(
  problem: NormProblem,
  [x, ...operands]: readonly Float64Array[],
): Float64Array[] {
  const { scale, bias, residual } = normOperands(problem, operands);
  const { starts, offsets } = rowPositions(problem);
  const s = x!.map((value, i) => value + (residual?.[i] ?? 0));
  const y = new Float64Array(s.length);
  const row = new Float64Array(gridSize(problem.reducedDims));
  for (const [o, start] of starts.entries()) {
    for (const [r, offset] of offsets.entries()) row[r] = s[start + offset]!;
    const { mean, inverseDeviation } = rowStatistics(problem, row);
    for (const [r, offset] of offsets.entries()) {
      const channel = channelOf(problem, o, r);
      y[start + offset] =
        (row[r]! - mean) * inverseDeviation * (scale?.[channel] ?? 1) + (bias?.[channel] ?? 0);
    }
  }
  return problem.sum ? [y, s] : [y];
}

/** What a gradient of a norm depends on: no bias, and of a residual only its sum with x, which is x here. */
export type NormBackwardProblem = Omit<NormProblem, 'bias' | 'residual' | 'sum'>;

/**
 * The gradients of a norm for the gradient dy of its result, in f64. With n = (x - mean) / deviation and g = dy * scale:
 * `dx = (g - mean of g - n * mean of g n) / deviation`, where `rms` takes no mean of g off; `dScale = sum of dy n` and, but for `rms`,
 * `dBias = sum of dy` over the elements of each channel.
 */
export function normBackwardReference(
  problem: NormBackwardProblem,
  [x, dy, scale]: readonly Float64Array[],
): Float64Array[] {
  const { kind, groups, channels } = problem;
  const { starts, offsets } = rowPositions(problem);
  const dx = new Float64Array(x!.length);
  const dScale = new Float64Array(groups * channels);
  const dBias = new Float64Array(groups * channels);
  for (const [o, start] of starts.entries()) {
    const row = offsets.map((offset) => x![start + offset]!);
    const { mean, inverseDeviation } = rowStatistics(problem, row);
    const normalised = row.map((value) => (value - mean) * inverseDeviation);
    const given = offsets.map((offset) => dy![start + offset]!);
    const scaled = given.map((value, r) => value * (scale?.[channelOf(problem, o, r)] ?? 1));
    const average = (of: (value: number, r: number) => number): number =>
      scaled.reduce((sum, value, r) => sum + of(value, r), 0) / row.length;
    const shift = kind === 'rms' ? 0 : average((value) => value);
    const slope = average((value, r) => value * normalised[r]!);
    for (const [r, offset] of offsets.entries()) {
      dx[start + offset] = (scaled[r]! - shift - normalised[r]! * slope) * inverseDeviation;
      const channel = channelOf(problem, o, r);
      dScale[channel]! += given[r]! * normalised[r]!;
      dBias[channel]! += given[r]!;
    }
  }
  return kind === 'rms' ? [dx, dScale] : [dx, dScale, dBias];
}
