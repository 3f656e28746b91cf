import { DTypeError, ShapeError } from '../errors.ts';
import { sampleOperation } from '../kernels/sample/index.ts';
import type { SampleProblem } from '../reference/sample.ts';
import { elementCount, formatShape, type Tensor } from '../tensor.ts';
import { execute } from './execute.ts';
import { checkOptions } from './options.ts';
import { argmax } from './reduction.ts';
import type { KernelChoice } from './select.ts';
import { topK } from './sort.ts';
import { refuse } from '../expect.ts';

/** A `kernel` is one of what draws: at temperature 0 of `argmax`. */
export interface SampleOptions extends KernelChoice {
  /** Divides the logits: below 1 likely tokens get likelier. 0 takes the likeliest token itself. Default: 1. */
  readonly temperature?: number | undefined;
  /** Draws among so many of the likeliest tokens only. Default: all. */
  readonly topK?: number | undefined;
  /** Then among those that are at least so many times as likely as the likeliest. Default: 0. */
  readonly minP?: number | undefined;
  /** Then among the likeliest that together have this part of the probability that is left. Default: 1. */
  readonly topP?: number | undefined;
  /** On one adapter the same seed and step give the same tokens: an integer from 0 to 2^53 - 1. Default: 0. */
  readonly seed?: number | undefined;
  /** Counts what is drawn with a seed, as a sequence's next tokens: an integer from 0 to 2^32 - 1. Default: 0. */
  readonly step?: number | undefined;
}

/**
 * Draws a token for each row of logits [..., vocabulary], as [...]. The random number of a row is the same on every device:
 * it comes from Philox4x32-10, of the seed and of a counter that is made of row and step. So the tokens are the same too, but
 * where that number, minP or topP is closer to a boundary between tokens than f32 rounds: there another adapter or a tuned
 * kernel may draw a neighbour, or cut one token more or less.
 *
 * A row whose largest logit is NaN or infinite gives 2^32 - 1, which is no token; at temperature 0 it gives what `argmax` does.
 * topP below 1 sorts the topK candidates, so without topK the whole vocabulary.
 *
 * @example sample(logits, { temperature: 0.8, topK: 50, topP: 0.95, seed: 7, step })
 * @throws ShapeError for scalars or an empty vocabulary; DTypeError for integers; ArgumentError for options out of range.
 */
export function sample(logits: Tensor<'f32' | 'f16'>, options: SampleOptions = {}): Tensor<'u32'> {
  checkOptions('sample', options, ['temperature', 'topK', 'minP', 'topP', 'seed', 'step'], { logits });
  const { shape } = logits;
  const dtype: string = logits.dtype;
  if (dtype !== 'f32' && dtype !== 'f16') {
    throw new DTypeError(`sample takes f32 or f16, got ${dtype}`, { got: dtype, expected: ['f32', 'f16'] });
  }
  const vocabulary = shape.at(-1);
  if (vocabulary === undefined || vocabulary === 0) {
    const message = `sample: logits ${formatShape(shape)} need a last axis of at least one token`;
    throw new ShapeError(message, { logits: shape });
  }
  const temperature = inRange('temperature', options.temperature ?? 1, 0, Number.MAX_VALUE);
  const minP = inRange('minP', options.minP ?? 0, 0, 1);
  const topP = inRange('topP', options.topP ?? 1, 0, 1);
  const k = wholeNumber('topK', options.topK ?? vocabulary, 1, vocabulary);
  const seed = wholeNumber('seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  const step = wholeNumber('step', options.step ?? 0, 0, 2 ** 32 - 1);
  const { kernel, config } = options;
  if (temperature === 0) return argmax(logits, { axes: -1, kernel, config });
  const problem: SampleProblem = {
    dtype,
    rows: elementCount(shape.slice(0, -1)),
    length: k,
    chosen: k < vocabulary || topP < 1,
    // Where it would overflow, all but the likeliest have no weight long before.
    scale: Math.fround(Math.min(1 / temperature, 2 ** 100)),
    minP: Math.fround(minP),
    topP: Math.fround(topP),
    seed,
    step,
  };
  const draw = (inputs: readonly Tensor[]): Tensor<'u32'> =>
    execute({
      operation: sampleOperation,
      problem,
      inputs,
      shapes: [shape.slice(0, -1)],
      choice: { kernel, config },
    })[0] as Tensor<'u32'>;
  if (!problem.chosen) return draw([logits]);
  const { values, indices } = topK(logits, k);
  try {
    return draw([values, indices]);
  } finally {
    values.dispose();
    indices.dispose();
  }
}

function inRange(name: string, value: unknown, least: number, greatest: number): number {
  if (typeof value === 'number' && value >= least && value <= greatest) return value;
  const range =
    greatest === Number.MAX_VALUE ? `a finite number from ${least} on` : `from ${least} to ${greatest}`;
  return refuse('sample', name, range, value, [least, greatest]);
}

function wholeNumber(name: string, value: unknown, least: number, greatest: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= greatest) {
    return value as number;
  }
  return refuse('sample', name, `a whole number from ${least} to ${greatest}`, value, [least, greatest]);
}
