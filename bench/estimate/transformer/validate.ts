import type { TransformerWorkload } from './serve.ts';

/**
 * Refuses a workload that makes no sense.
 *
 * @throws RangeError saying what was given and what was expected
 */
export function validateTransformer(workload: TransformerWorkload): void {
  const { name, model, inputTokens, outputTokens, batch, ways, beams, phase = 'serve' } = workload;
  const atLeast = (least: number, what: string, value: number | undefined): void => {
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
    throw new RangeError(`${name}: ${what} is ${value}, expected a whole number of at least ${least}`);
  };
  atLeast(1, 'inputTokens', inputTokens);
  atLeast(phase === 'prefill' ? 0 : 1, 'outputTokens', outputTokens);
  atLeast(1, 'batch', batch);
  atLeast(1, 'ways', ways);
  atLeast(1, 'beams', beams);
  if (ways !== undefined && model.heads % ways !== 0) {
    throw new RangeError(
      `${name}: ways is ${ways}, which does not divide the ${model.heads} heads of ${model.name}`,
    );
  }
}
