import { ACTIVATIONS, type Activation, type Limits } from './activation.ts';

/** `y = activation(g) * u`, element by element. */
export interface GateProblem {
  readonly dtype: 'f32' | 'f16';
  readonly elements: number;
  readonly activation: Activation;
  /** Of the activation `clip`. */
  readonly limits: Limits;
}

/** The definition of a gate, in f64. */
export function gateReference(
  { activation, limits }: GateProblem,
  g: Float64Array,
  u: Float64Array,
): Float64Array {
  const activate = ACTIVATIONS[activation];
  return g.map((value, index) => activate(value, limits) * u[index]!);
}
