import { instances as allInstances, nearest } from '../catalog/index.ts';
import { estimateTransformers } from '../estimate/index.ts';
import type { TransformerWorkload } from '../estimate/index.ts';
import { checkRequest } from '../estimate/validate.ts';
import { outcome } from './outcome.ts';
import { sensitivity } from './sensitivity.ts';
import type { MixPart, Plan, PlanRequest } from './types.ts';

/**
 * What a budget buys: accelerators and megawatts at list and at committed prices, tokens year by year, and how much the outcome
 * hangs on each assumption.
 *
 * Money follows use: an accelerator is paid for from the hour that it is there, for every hour, at work or not.
 *
 * @throws RangeError on a budget, a time, a share or an instance type that makes no sense, and on types of which nothing is
 * known that could be planned with
 */
export function planBudget(request: PlanRequest): Plan {
  validate(request);
  const given = pricesAreGiven(request);
  const first = outcome(request, given ? 'given' : 'list');
  const outcomes = given ? ([first] as const) : ([first, outcome(request, 'committed')] as const);
  return {
    request,
    outcomes,
    sensitivity: sensitivity(request, outcomes),
    notices: [
      ...(given
        ? []
        : [
            'Contracts between companies name neither prices nor numbers of accelerators: list prices are an upper bound, ' +
              'committed prices those of AWS capacity blocks.',
          ]),
      'Prices, engines and weights stay as they are for all the years. A slower ramp moves tokens to later years: what it saves ' +
        'at first buys more accelerators for the rest.',
      ...(first.megawatts === null
        ? ['The power of some accelerators is unknown: megawatts are left out.']
        : []),
    ],
  };
}

function pricesAreGiven({ prices = {}, mix }: PlanRequest): boolean {
  return mix.every(({ instanceType }) => prices[instanceType] !== undefined);
}

/**
 * The mix to plan with unless one is given: all money on the type that yields most tokens per dollar among those whose price,
 * rates and power are known. Prices that are current come before those that are old or carry no date: years hang on them.
 *
 * @throws RangeError where a provider has none
 */
export function bestMix(
  workload: TransformerWorkload,
  today: string,
  provider: string | undefined,
): readonly MixPart[] {
  const { rows } = estimateTransformers({
    workloads: [workload],
    today,
    ...(provider !== undefined && { providers: [provider] }),
  });
  const known = rows.filter(
    ({ tokensPerUsd, watts, pricing }) => tokensPerUsd !== null && watts !== null && pricing === 'on-demand',
  );
  const best = known.find(({ priceAge }) => priceAge === 'current') ?? known[0];
  if (!best) throw new RangeError(`no instance type of ${provider ?? 'any provider'} can be planned with`);
  const { provider: owner, instanceType, accelerator } = best;
  return [{ provider: owner, instanceType, acceleratorId: accelerator, share: 1 }];
}

function validate(request: PlanRequest): void {
  checkRequest(request, 'mix');
  const { budgetUsd, years, mix, utilisation, rampMonths, prices = {} } = request;
  const within = (what: string, value: number, low: number, high: number): void => {
    if (value > low && value <= high) return;
    throw new RangeError(`${what} is ${value}, expected a number above ${low} and up to ${high}`);
  };
  within('the budget', budgetUsd, 0, 1e15);
  within('the number of years', years, 0, 50);
  within('the utilisation', utilisation, 0, 1);
  if (!(rampMonths >= 0 && rampMonths <= 12 * years)) {
    throw new RangeError(`the ramp is ${rampMonths} months, expected 0 to all of the ${12 * years}`);
  }
  const providers = [...new Set(allInstances.map(({ provider }) => provider))];
  const types = mix.map(({ instanceType }) => instanceType);
  for (const [index, { provider, instanceType, share }] of mix.entries()) {
    if (!providers.includes(provider)) {
      throw new RangeError(
        `unknown provider "${provider}"; nearest: ${nearest(provider, providers, 3).join(', ')}`,
      );
    }
    within(`the share of ${instanceType}`, share, 0, 1);
    const again = mix.findIndex((part) => part.provider === provider && part.instanceType === instanceType);
    if (again !== index) throw new RangeError(`${provider} ${instanceType} is in the mix twice`);
  }
  for (const [type, usdPerHour] of Object.entries(prices)) {
    if (!types.includes(type)) {
      throw new RangeError(`a price of "${type}", which is not in the mix: ${types.join(', ')}`);
    }
    within(`the price of ${type}`, usdPerHour, 0, 1e6);
  }
  const total = mix.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-6) {
    throw new RangeError(`the shares of the mix add up to ${total}, expected 1`);
  }
}
