import { ArgumentError, told } from '../errors.ts';
import { histogramOperation } from '../kernels/histogram/index.ts';
import type { ArithmeticType } from '../reference/arithmetic.ts';
import { binsPerUnit, type HistogramProblem } from '../reference/histogram.ts';
import type { Tensor } from '../tensor.ts';
import { arithmeticType } from './dtypes.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import type { KernelChoice } from './select.ts';
import { refuse } from '../expect.ts';

export interface HistogramOptions extends KernelChoice {
  /** How many bins there are. */
  readonly bins: number;
  /**
   * Lower edge of the first bin and upper edge of the last, rounded to f32. Floats need it; integers are bins themselves, and
   * take none.
   */
  readonly range?: readonly [low: number, high: number] | undefined;
}

/**
 * How many elements of x there are in each of the bins, [bins]. Integers are counted in the bin that they name; floats in bins of
 * equal width, each without its upper edge, the last with it. Elements outside, and NaN, are not counted.
 *
 * The bin of a float is `(x - low) * (bins / (high - low))` rounded down, computed in f32.
 *
 * @example histogram(x, { bins: 10, range: [0, 1] })
 * @throws ArgumentError for a number of bins that is no positive integer, or a range that is missing, empty or not finite.
 */
export function histogram(x: Tensor, options: HistogramOptions): Tensor<'u32'> {
  checkOptions('histogram', options, ['bins', 'range'], { x });
  const { bins } = options;
  const dtype = arithmeticType('histogram', x);
  if (!Number.isInteger(bins) || bins < 1 || bins >= 2 ** 32) {
    const most = 2 ** 32 - 1;
    refuse('histogram', 'bins', `an integer from 1 to ${most}`, bins, [1, most]);
  }
  const problem: HistogramProblem = {
    dtype,
    length: x.size,
    bins,
    range: checkRange(dtype, options.range),
  };
  if (!Number.isFinite(binsPerUnit(problem))) {
    refuse(
      'histogram',
      'range',
      `wider: ${bins} bins / (high - low) is beyond the numbers of f32`,
      options.range,
    );
  }
  const request = { operation: histogramOperation, problem, inputs: [x], shapes: [[bins]], choice: options };
  return execute(request)[0] as Tensor<'u32'>;
}

function checkRange(dtype: ArithmeticType, range: HistogramOptions['range']): HistogramProblem['range'] {
  if (dtype === 'i32' || dtype === 'u32') {
    if (range === undefined) return undefined;
    throw new ArgumentError(`histogram: elements of ${dtype} are bins themselves and take no range`, {
      got: range,
    });
  }
  const [low, high] =
    Array.isArray(range) && range.every((edge) => typeof edge === 'number') ? range.map(Math.fround) : [];
  if (range?.length !== 2 || !(low! < high!) || !Number.isFinite(Math.fround(high! - low!))) {
    throw new ArgumentError(
      `histogram: elements of ${dtype} need a range [low, high] of finite numbers, low < high, got ${told(range)}`,
      { got: range },
    );
  }
  return [low!, high!];
}
