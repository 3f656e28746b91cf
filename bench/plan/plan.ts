import { findInstances, instances as allInstances, nearest } from '../catalog/index.ts';
import type { Instance } from '../catalog/index.ts';
import { estimateTransformers } from '../estimate/index.ts';
import type { TransformerRow, TransformerWorkload, WeightFormat } from '../estimate/index.ts';
import { acceleratorName, acceleratorPrice, committedPrices, meanCommittedShare } from './prices.ts';
import type {
  MixPart,
  Plan,
  PlanOutcome,
  PlanPart,
  PlanPrice,
  PlanRequest,
  PlanYear,
  Sensitivity,
} from './types.ts';

export const HOURS_PER_YEAR = 365.25 * 24;

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
  return [{ provider: best.provider, instanceType: best.instanceType, share: 1 }];
}

/**
 * Finds the instance type of a mix.
 *
 * @throws RangeError with the nearest names where there is none
 */
function instanceOf({ provider, instanceType }: Pick<MixPart, 'provider' | 'instanceType'>): Instance {
  const { matches, suggestions } = findInstances(instanceType, provider);
  const [first] = matches;
  if (first) return first;
  throw new RangeError(
    `${provider} has no instance type "${instanceType}"; nearest: ${suggestions.slice(0, 3).join(', ')}`,
  );
}

function validate({ budgetUsd, years, mix, utilisation, rampMonths, prices = {} }: PlanRequest): void {
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

function outcome(request: PlanRequest, kind: PlanPrice['kind']): PlanOutcome {
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
        (missing === 'list price' ? '; give one with prices' : ''),
    );
  }
  const row = rowOf(request, instance);
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

function rowOf({ workload, today }: PlanRequest, instance: Instance): TransformerRow {
  return estimateTransformers({ workloads: [workload], today, instances: [instance] }).rows[0]!;
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

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function priceSensitivity([first, committed]: Plan['outcomes']): Sensitivity {
  const assumption = 'price of an accelerator-hour';
  if (!committed) {
    return {
      assumption,
      taken: 'given',
      low: '25 % more',
      high: '25 % less',
      tokensAtLow: 1 / 1.25,
      tokensAtHigh: 1 / 0.75,
      source: 'a range',
    };
  }
  return {
    assumption,
    taken: 'list',
    low: 'list',
    high: `committed, ${percent(meanCommittedShare())} of list`,
    tokensAtLow: 1,
    tokensAtHigh: committed.tokens / first.tokens,
    source: `${committedPrices().length} AWS capacity blocks of 2024-Q4`,
  };
}

function sensitivity(request: PlanRequest, outcomes: Plan['outcomes']): readonly Sensitivity[] {
  const [first] = outcomes;
  const tokens = (change: Partial<PlanRequest>): number =>
    outcome({ ...request, ...change }, first.kind).tokens / first.tokens;
  const { workload, utilisation, mix } = request;
  const withWorkload = (change: Partial<TransformerWorkload>): number | null => {
    const changed = { ...request, workload: { ...workload, ...change } };
    const fits = mix.every((part) => rowOf(changed, instanceOf(part)).tokensPerSecond !== null);
    return fits ? tokens(changed) : null;
  };
  const formats = formatsAround(workload.weights);
  const longer = (factor: number): Partial<TransformerWorkload> => ({
    inputTokens: Math.max(1, Math.round(workload.inputTokens * factor)),
  });
  const rows: Sensitivity[] = [
    priceSensitivity(outcomes),
    {
      assumption: 'throughput',
      taken: 'median',
      low: '10th percentile',
      high: '90th percentile',
      tokensAtLow: first.tokensLow / first.tokens,
      tokensAtHigh: first.tokensHigh / first.tokens,
      source: 'errors on published throughputs that nothing was fitted on',
    },
    {
      assumption: 'hours at work',
      taken: percent(utilisation),
      low: percent(utilisation / 2),
      high: percent(Math.min(1, utilisation * 1.5)),
      tokensAtLow: tokens({ utilisation: utilisation / 2 }),
      tokensAtHigh: tokens({ utilisation: Math.min(1, utilisation * 1.5) }),
      source: 'a range: no operator prints its own',
    },
    {
      assumption: 'format of the weights',
      taken: workload.weights,
      ...formats,
      tokensAtLow: withWorkload({ weights: formats.low }),
      tokensAtHigh: withWorkload({ weights: formats.high }),
      source: 'the model, with another format',
    },
    {
      assumption: 'length of a prompt',
      taken: `${workload.inputTokens} tokens`,
      low: `${longer(4).inputTokens} tokens`,
      high: `${longer(1 / 4).inputTokens} tokens`,
      tokensAtLow: withWorkload(longer(4)),
      tokensAtHigh: withWorkload(longer(1 / 4)),
      source: 'the model, with other prompts',
    },
  ];
  const swing = ({ tokensAtLow, tokensAtHigh }: Sensitivity): number =>
    Math.abs(Math.log((tokensAtHigh ?? 1) / (tokensAtLow ?? 1)));
  return rows.sort((a, b) => swing(b) - swing(a));
}

/** The next coarser and the next finer format. */
function formatsAround(format: WeightFormat): { readonly low: WeightFormat; readonly high: WeightFormat } {
  if (format === 'f16' || format === 'bf16') return { low: format, high: 'fp8' };
  if (format === 'fp8' || format === 'int8') return { low: 'f16', high: 'fp4' };
  return { low: 'fp8', high: format };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
