import type { Parameters } from '../model/parameters.ts';
import { fitParameters, without } from './fit.ts';
import type { Observations } from './fit.ts';

/** For each accelerator the parameters fitted without it. */
export function heldOutParameters(
  observations: Observations,
): readonly { readonly acceleratorId: string; readonly parameters: Parameters }[] {
  const ids = new Set([
    ...observations.kernels.map(({ acceleratorId }) => acceleratorId),
    ...observations.allReduces.map(({ acceleratorId }) => acceleratorId),
  ]);
  return [...ids].map((acceleratorId) => ({
    acceleratorId,
    parameters: fitParameters(without(observations, acceleratorId)),
  }));
}
