/**
 * What a budget buys over the years.
 *
 * @module tilewise/plan
 */
export type { FacilityFact } from '../catalog/types.ts';
export { deals } from './deals.ts';
export { HOURS_PER_YEAR } from './outcome.ts';
export { bestMix, planBudget } from './plan.ts';
export { committedPrices, meanCommittedShare } from './prices.ts';
export type { MixPart, Plan, PlanOutcome, PlanPart, PlanRequest, PlanYear, Sensitivity } from './types.ts';
