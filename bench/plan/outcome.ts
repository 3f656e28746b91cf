import { findInstances } from '../catalog/index.ts';
import type { Instance } from '../catalog/index.ts';
import { estimateTransformers } from '../estimate/index.ts';
import type { TransformerRow } from '../estimate/index.ts';
import { acceleratorName, acceleratorPrice } from './prices.ts';
import type { MixPart, PlanOutcome, PlanPart, PlanPrice, PlanRequest, PlanYear } from './types.ts';

export const HOURS_PER_YEAR = 365.25 * 24;

/**
 * What the money buys at one kind of price.
 *
 * @throws RangeError on an unknown type, one without a price or power to plan with, or more than the money pays for
 */
export function outcome(request: PlanRequest, kind: PlanPrice['kind']): PlanOutcome {
  const parts = request.mix.map((part) => planPart(part, kind, request));
  const { years, utilisation, rampMonths, budgetUsd } = request;
  const accelerators = sum(parts.map((part) => part.accelerators));
  const megawatts = parts.some((part) => part.megawatts === null)
    ? null
    : sum(parts.map((part) => part.megawatts!));
  const fullYears = years - rampMonths / 24;
  const perFullYear = utilisation * HOURS_PER_YEAR * 3600;
  const tokens = (rate: (part: PlanPart) => number): number => sum(parts.map(rate)) * perFullYear * fullYears;
  const all = tokens((part) => part.tokensPerSecond);
  return {
    kind,
    parts,
    accelerators,
    megawatts,
    tokens: all,
    tokensLow: tokens((part) => part.low),
    tokensHigh: tokens((part) => part.high),
    usdPerMillionTokens: (1e6 * budgetUsd) / all,
    years: yearsOf(request, accelerators, megawatts, all / fullYears),
  };
}

function planPart(part: MixPart, kind: PlanPrice['kind'], request: PlanRequest): PlanPart {
  const instance = instanceOf(part);
  const price = acceleratorPrice(instance, kind, request);
  if (!price) {
    const missing = instance.acceleratorCount === undefined ? 'number of accelerators' : 'list price';
    throw new RangeError(
      `${part.instanceType}: no ${missing} is known` +
        (missing === 'list price' ? '; give one (--price, or `prices` of the request)' : ''),
    );
  }
  const row = rowOf(request, part);
  if (row.tokensPerSecond === null) {
    throw new RangeError(
      `${part.instanceType} cannot be planned with: ${row.explanation.formula.replace('none: ', '')}`,
    );
  }
  // Half of the ramp is paid for, because capacity grows evenly in it.
  const hours = (request.years - request.rampMonths / 24) * HOURS_PER_YEAR;
  const accelerators = (request.budgetUsd * part.share) / (price.usdPerAcceleratorHour * hours);
  const nodes = accelerators / instance.acceleratorCount!;
  if (nodes < 1) {
    const least = Math.ceil((request.budgetUsd * part.share) / nodes).toLocaleString('en');
    throw new RangeError(
      `the money does not pay for one ${part.instanceType} for all of the time: that costs ${least} USD`,
    );
  }
  return {
    ...part,
    accelerator: acceleratorName(instance),
    price,
    accelerators,
    megawatts: row.watts === null ? null : (nodes * row.watts) / 1e6,
    tokensPerSecond: nodes * row.tokensPerSecond,
    low: nodes * row.low!,
    high: nodes * row.high!,
  };
}

/** What the workload yields on a part of the mix. */
export function rowOf({ workload, today }: PlanRequest, part: MixPart): TransformerRow {
  return estimateTransformers({ workloads: [workload], today, instances: [instanceOf(part)] }).rows[0]!;
}

function yearsOf(
  { years, rampMonths, budgetUsd }: PlanRequest,
  accelerators: number,
  megawatts: number | null,
  tokensPerFullYear: number,
): readonly PlanYear[] {
  const ramp = rampMonths / 12;
  // Capacity there by a time, in years of full capacity.
  const used = (time: number): number => (time < ramp ? (time * time) / (2 * ramp) : time - ramp / 2);
  const total = used(years);
  let tokensSoFar = 0;
  return Array.from({ length: Math.ceil(years) }, (_, index) => {
    const end = Math.min(index + 1, years);
    const share = used(end) - used(index);
    const tokens = tokensPerFullYear * share;
    tokensSoFar += tokens;
    const present = share / (end - index);
    return {
      year: index + 1,
      accelerators: accelerators * present,
      megawatts: megawatts === null ? null : megawatts * present,
      usd: (budgetUsd * share) / total,
      tokens,
      tokensSoFar,
    };
  });
}

/**
 * Finds the instance type of a mix.
 *
 * @throws RangeError with the nearest names where there is none
 */
function instanceOf({ provider, instanceType, acceleratorId }: MixPart): Instance {
  const { matches, suggestions } = findInstances(instanceType, provider);
  const found = matches.find((match) => match.acceleratorId === (acceleratorId ?? match.acceleratorId));
  if (found) return found;
  throw new RangeError(
    `${provider} has no instance type "${instanceType}"; nearest: ${suggestions.slice(0, 3).join(', ')}`,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
