import { instances, MODELS } from 'tilewise/estimate';
import { bestMix, deals, planBudget, type FacilityFact, type Plan } from 'tilewise/plan';
import type { Choice } from './choice.ts';
import { REQUESTS } from './cloudWorkloads.ts';

/** What a budget buys, and what can be chosen in its place. */
export interface Budget {
  readonly plan: Plan;
  readonly deals: readonly FacilityFact[];
  readonly models: readonly string[];
  /** Types of the provider chosen. */
  readonly instanceTypes: readonly string[];
}

/** @throws RangeError for assumptions that make no sense, or a type that cannot be planned with */
export function planFor(choice: Choice, today: string): Budget {
  const { budget, years, model, weights, planProvider, instance, utilisation, ramp } = choice;
  const found = MODELS.find(({ name }) => name === model);
  if (!found) throw new RangeError(`there is no model ${model}`);
  const workload = {
    name: model,
    model: found,
    weights,
    kvBytes: weights === 'f16' ? 2 : 1,
    ...REQUESTS,
  } as const;
  const mix =
    instance === ''
      ? bestMix(workload, today, planProvider === '' ? undefined : planProvider)
      : [{ provider: planProvider, instanceType: instance, share: 1 }];
  return {
    plan: planBudget({
      budgetUsd: budget,
      years,
      mix,
      workload,
      utilisation,
      rampMonths: Math.min(ramp, 12 * years),
      today,
    }),
    deals,
    models: MODELS.map(({ name }) => name),
    instanceTypes: [
      ...new Set(
        instances
          .filter(
            ({ provider, onDemandUsdPerHour }) =>
              provider === planProvider && onDemandUsdPerHour !== undefined,
          )
          .map(({ instanceType }) => instanceType),
      ),
    ].sort(),
  };
}
