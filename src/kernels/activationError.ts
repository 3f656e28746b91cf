import type { Activation } from '../reference/activation.ts';
import { roundingUnit } from './rounding.ts';

/**
 * What an activation makes of an error in its argument, plus its own. All have slopes below 1.13. WGSL allows exp an
 * error of 3 + 2|x| units in the last place; erf by Abramowitz and Stegun 7.1.26 is off by at most 1.5e-7.
 */
export function activationError(activation: Activation, x: number, error: number): number {
  if (activation === 'none' || activation === 'relu' || activation === 'clip') return error;
  const own = activation === 'gelu' ? 0.75e-7 : 0;
  // Those that end in x times a factor, and those that are factors.
  const scale = activation === 'sigmoid' || activation === 'tanh' ? 1 : Math.abs(x);
  const exponent = Math.min(Math.abs(activation === 'tanh' ? 2 * x : x), 80);
  const derivative = Math.exp(-exponent);
  return 1.13 * error + scale * (own + roundingUnit('f32') * (16 + 4 * (3 + 2 * exponent) * derivative));
}
