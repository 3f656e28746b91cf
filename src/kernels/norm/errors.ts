import type { NormProblem, RowStatistics } from '../../reference/norm.ts';
import { longestChain, roundingUnit } from '../rounding.ts';

const u = roundingUnit('f32');

/** WGSL, section 15.7.4.1: 2.5 units in the last place, each twice the rounding unit. */
const DIVISION = 5 * u;
/** The same section: 2 units in the last place. */
const INVERSE_ROOT = 4 * u;

/** How far what a row is normalised with may be off in f32. */
export interface RowErrors {
  /** Of the mean, absolutely. */
  readonly mean: number;
  /** Of 1 / sqrt(variance + epsilon), relatively. */
  readonly inverseDeviation: number;
}

/**
 * Errors of a row's statistics, to first order but for the root. An element takes part in `longestChain` = h additions at most, one
 * after the other.
 *
 * The mean is off by e = (h u sum |s|) / n, and what its division and rounding the elements themselves add. The variance then
 * sums (s - mean + e)^2: e^2 is added, since s - mean sums to 0, and rounding the terms and their sum makes (h + 8) u of it;
 * rounding s beforehand moves each term by 2 |s - mean| u |s|, together at most 2 u sqrt(variance) sqrt(mean of s^2).
 *
 * Kernels that read a row once for both hold the mean m of the first i stretches of four, rounded, where the next is combined with
 * it: its distance d is off by u |m|, and the four times d^2 that are added by 8 u |m d|. The sum of all m^2 is at most four times
 * that of the means of the stretches squared (Hardy), that of all d^2 at most twice the variance's share: together that is less
 * than 6 u sqrt(variance) sqrt(mean of s^2).
 */
export function rowErrors(
  { kind, epsilon, residual }: Pick<NormProblem, 'kind' | 'epsilon' | 'residual'>,
  row: Float64Array,
  { mean, variance }: RowStatistics,
): RowErrors {
  const h = longestChain(row.length);
  const average = (of: (value: number) => number): number =>
    row.reduce((sum, value) => sum + of(value), 0) / row.length;
  const rounded = residual ? 1 : 0;
  const meanError =
    kind === 'rms' ? 0 : (h + rounded) * u * average(Math.abs) + (DIVISION + u) * Math.abs(mean);
  const spread = Math.sqrt(variance) * Math.sqrt(average((value) => value * value));
  const varianceError =
    (h + 8) * u * variance +
    DIVISION * variance +
    meanError ** 2 +
    ((kind === 'rms' ? 0 : 6) + 2 * rounded) * u * spread;
  // One over an infinite root is 0, whatever the errors.
  if (variance === Infinity) return { mean: meanError, inverseDeviation: 0 };
  const shifted = variance + epsilon;
  const root = Math.sqrt(shifted / Math.max(0, shifted - varianceError)) - 1;
  return { mean: meanError, inverseDeviation: root + INVERSE_ROOT + u };
}

/**
 * Error of the normalised element (s - mean) / sqrt(variance + epsilon): of the difference, of the factor, and of the rounding of
 * both and their product.
 */
export function normalisedError(
  value: number,
  { mean, inverseDeviation }: RowStatistics,
  errors: RowErrors,
): number {
  const distance = Math.abs(value - mean);
  const ofDistance = errors.mean + 2 * u * Math.abs(value) + u * distance;
  return (
    inverseDeviation * (1 + errors.inverseDeviation) * (ofDistance + distance * (errors.inverseDeviation + u))
  );
}
