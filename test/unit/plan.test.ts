import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { facilityFacts } from '../../bench/catalog/facts.ts';
import { findInstances, instances, MODELS } from '../../bench/estimate/index.ts';
import { priceAge } from '../../bench/estimate/price.ts';
import {
  bestMix,
  committedPrices,
  HOURS_PER_YEAR,
  meanCommittedShare,
  planBudget,
} from '../../bench/plan/index.ts';
import type { PlanRequest } from '../../bench/plan/index.ts';
import { inWords, renderPlan } from '../../bench/report/plan.ts';

const request: PlanRequest = {
  budgetUsd: 38e9,
  years: 7,
  mix: [{ provider: 'aws', instanceType: 'p6-b200.48xlarge', share: 1 }],
  workload: {
    name: 'llama-3.1-70b, fp8',
    model: MODELS.find(({ name }) => name === 'llama-3.1-70b')!,
    weights: 'fp8',
    kvBytes: 1,
    inputTokens: 1024,
    outputTokens: 256,
  },
  utilisation: 0.6,
  rampMonths: 12,
  today: '2026-11-23',
};

describe('a plan', () => {
  const { outcomes, sensitivity } = planBudget(request);
  const [list, committed] = outcomes;

  it('buys accelerator-hours at list price, worked by hand', () => {
    // 113.9328 USD/h for 8; 7 years less half of the ramp.
    const accelerators = 38e9 / ((113.9328 / 8) * 6.5 * HOURS_PER_YEAR);
    expect(list.accelerators).toBeCloseTo(accelerators, 6);
    // 1000 W at 86% and 30% for the host, times AWS's PUE of 1.14.
    expect(list.megawatts).toBeCloseTo((accelerators * 1000 * 1.16 * 1.14) / 1e6, 9);
    const [part] = list.parts;
    expect(list.tokens).toBeCloseTo(part!.tokensPerSecond * 0.6 * 6.5 * HOURS_PER_YEAR * 3600, -3);
    expect(list.usdPerMillionTokens).toBeCloseTo(38e15 / list.tokens, 4);
  });

  it('buys more at committed prices, by the mean of what capacity blocks cost against lists', () => {
    expect(committed!.accelerators / list.accelerators).toBeCloseTo(1 / meanCommittedShare(), 9);
    expect(committed!.parts[0]!.price.source).toContain('mean of 4 AWS capacity blocks');
  });

  it('spends all of the money, year by year, and makes all of the tokens', () => {
    for (const { years, tokens, accelerators } of outcomes) {
      expect(years).toHaveLength(7);
      expect(years.reduce((sum, year) => sum + year.usd, 0)).toBeCloseTo(38e9, 0);
      expect(years.at(-1)!.tokensSoFar / tokens).toBeCloseTo(1, 9);
      expect(years[0]!.accelerators).toBeCloseTo(accelerators / 2, 6);
      expect(years[1]!.accelerators).toBeCloseTo(accelerators, 6);
    }
  });

  it('ranks assumptions by how much hangs on them', () => {
    const swings = sensitivity.map(({ tokensAtLow, tokensAtHigh }) =>
      Math.abs(Math.log(tokensAtHigh! / tokensAtLow!)),
    );
    expect(swings).toEqual([...swings].sort((a, b) => b - a));
    const hours = sensitivity.find(({ assumption }) => assumption === 'hours at work');
    expect(hours?.tokensAtLow).toBeCloseTo(0.5, 9);
    expect(hours?.tokensAtHigh).toBeCloseTo(1.5, 9);
    for (const { source } of sensitivity) expect(source).not.toBe('');
  });

  it('takes the price of a capacity block for the type that it is of', () => {
    const h100 = planBudget({
      ...request,
      mix: [{ provider: 'aws', instanceType: 'p5.48xlarge', share: 1 }],
    });
    expect(h100.outcomes[1]!.parts[0]!.price).toMatchObject({ date: '2024-Q4', age: 'stale' });
    expect(h100.outcomes[1]!.parts[0]!.price.usdPerAcceleratorHour).toBeCloseTo(39.33 / 8, 9);
  });

  it('divides the money among a mix', () => {
    const mix = [
      { provider: 'aws', instanceType: 'p6-b200.48xlarge', share: 0.75 },
      { provider: 'aws', instanceType: 'p5en.48xlarge', share: 0.25 },
    ];
    const { parts } = planBudget({ ...request, mix }).outcomes[0];
    expect(parts[0]!.accelerators).toBeCloseTo(0.75 * list.accelerators, 6);
    expect(parts[1]!.accelerators).toBeCloseTo((0.25 * 38e9) / ((63.296 / 8) * 6.5 * HOURS_PER_YEAR), 6);
  });

  it('shows the deals with their sources, the later extension too', () => {
    const deals = facilityFacts.filter(({ topic }) => topic.startsWith('deal'));
    const text = renderPlan(planBudget(request), deals, 120);
    expect(text).toContain('2025-11-03  OpenAI - AWS, contract value: 38 USD bn');
    expect(text).toContain('2026-02-27  OpenAI - AWS extension, added value: 100 USD bn');
    expect(text).toContain('https://www.3dtested.com/');
    expect(text).toContain('46,828');
  });
});

describe('what is assumed', () => {
  const outcome = (change: Partial<PlanRequest>): number =>
    planBudget({ ...request, ...change }).outcomes[0].tokens;

  it('one thing at a time, gives what a plan with that one thing gives', () => {
    const { sensitivity, outcomes } = planBudget(request);
    const [{ tokens }] = outcomes;
    const find = (name: string) => sensitivity.find(({ assumption }) => assumption === name)!;
    const { workload } = request;
    const prompts = find('length of a prompt');
    expect(prompts).toMatchObject({ taken: '1024 tokens', low: '4096 tokens', high: '256 tokens' });
    expect(prompts.tokensAtLow! * tokens).toBeCloseTo(
      outcome({ workload: { ...workload, inputTokens: 4096 } }),
      -6,
    );
    expect(prompts.tokensAtHigh! * tokens).toBeCloseTo(
      outcome({ workload: { ...workload, inputTokens: 256 } }),
      -6,
    );
    const weights = find('format of the weights');
    expect(weights).toMatchObject({ taken: 'fp8', low: 'f16', high: 'fp4' });
    expect(weights.tokensAtLow! * tokens).toBeCloseTo(
      outcome({ workload: { ...workload, weights: 'f16' } }),
      -6,
    );
    expect(weights.tokensAtHigh! * tokens).toBeCloseTo(
      outcome({ workload: { ...workload, weights: 'fp4' } }),
      -6,
    );
    const price = find('price of an accelerator-hour');
    expect(price.tokensAtHigh! * tokens).toBeCloseTo(outcomes[1]!.tokens, -6);
    const throughput = find('throughput');
    expect(throughput.tokensAtLow! * tokens).toBeCloseTo(outcomes[0].tokensLow, -6);
  });

  it('may leave no room for the model, and says so', () => {
    // 70B weights of 8 bits fit into 96 GB, of 16 bits they do not.
    const mix = [{ provider: 'gcp', instanceType: 'g4-standard-48', share: 1 }];
    const plan = planBudget({ ...request, mix });
    const weights = plan.sensitivity.find(({ assumption }) => assumption === 'format of the weights')!;
    expect(weights.tokensAtLow).toBeNull();
    expect(weights.tokensAtHigh).toBeGreaterThan(1);
    expect(renderPlan(plan, [], 120)).toContain('f16: does not fit');
  });
});

describe('bestMix', () => {
  it.each([...new Set(instances.map(({ provider }) => provider))])(
    'finds one that %s can be planned with',
    (provider) => {
      let mix: PlanRequest['mix'];
      try {
        mix = bestMix(request.workload, request.today, provider);
      } catch (error) {
        expect((error as Error).message).toBe(`no instance type of ${provider} can be planned with`);
        return;
      }
      expect(planBudget({ ...request, mix }).outcomes[0].tokens).toBeGreaterThan(0);
    },
  );

  it('takes a price that is current before one that is old', () => {
    const [part] = bestMix(request.workload, request.today, undefined);
    const [row] = findInstances(part!.instanceType, part!.provider).matches;
    expect(priceAge(row!.priceDate, request.today)).toBe('current');
  });

  it('takes what yields most tokens for the money', () => {
    const [part] = bestMix(request.workload, request.today, 'aws');
    expect(part).toMatchObject({ provider: 'aws', share: 1 });
    const cost = (instanceType: string): number =>
      planBudget({ ...request, mix: [{ provider: 'aws', instanceType, share: 1 }] }).outcomes[0]
        .usdPerMillionTokens;
    for (const other of ['p5.48xlarge', 'p5en.48xlarge', 'p4de.24xlarge', 'g6e.48xlarge']) {
      expect(cost(part!.instanceType)).toBeLessThanOrEqual(cost(other));
    }
  });
});

describe('bad plans', () => {
  it.each([[undefined], [{ budgetUsd: 1 }]])('%o', (plan) => {
    expect(() => planBudget(plan as never)).toThrow(/: expected (an object|a list)$/);
  });

  it.each<[string, Partial<PlanRequest>, string]>([
    ['a budget of zero', { budgetUsd: 0 }, 'the budget is 0'],
    ['a budget that is no number', { budgetUsd: NaN }, 'the budget is NaN'],
    ['no time', { years: 0 }, 'the number of years is 0'],
    ['a utilisation in percent', { utilisation: 60 }, 'the utilisation is 60'],
    ['a ramp longer than the plan', { rampMonths: 100 }, 'the ramp is 100 months'],
    ['shares that do not add up', { mix: [{ ...request.mix[0]!, share: 0.5 }] }, 'add up to 0.5'],
    [
      'an unknown provider',
      { mix: [{ ...request.mix[0]!, provider: 'awz' }] },
      'unknown provider "awz"; nearest: aws',
    ],
    [
      'an unknown type',
      { mix: [{ provider: 'aws', instanceType: 'p6-b20.48xlarge', share: 1 }] },
      'nearest: p6-b200.48xlarge',
    ],
    [
      'a type without a price',
      { mix: [{ provider: 'aws', instanceType: 'p5e.48xlarge', share: 1 }] },
      'no list price is known',
    ],
    [
      'a type that is there twice',
      { mix: [0.5, 0.5].map((share) => ({ ...request.mix[0]!, share })) },
      'aws p6-b200.48xlarge is in the mix twice',
    ],
    [
      'less than one machine',
      { budgetUsd: 1e6 },
      // 113.9328 USD/h for 6.5 years.
      'does not pay for one p6-b200.48xlarge for all of the time: that costs 6,491,778 USD',
    ],
    [
      'a model that does not fit',
      { mix: [{ provider: 'aws', instanceType: 'g6.xlarge', share: 1 }] },
      'do not fit into 22 GB',
    ],
  ])('%s', (_what, change, message) => {
    expect(() => planBudget({ ...request, ...change })).toThrow(RangeError);
    expect(() => planBudget({ ...request, ...change })).toThrow(message);
  });
});

describe('properties', () => {
  it('twice the money buys twice of everything', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e7, max: 1e12, noNaN: true }), (budgetUsd) => {
        const tokens = (usd: number): number => planBudget({ ...request, budgetUsd: usd }).outcomes[0].tokens;
        expect(tokens(2 * budgetUsd) / tokens(budgetUsd)).toBeCloseTo(2, 9);
      }),
      { numRuns: 5 },
    );
  });

  it('committed prices are below list prices', () => {
    expect(committedPrices()).toHaveLength(4);
    for (const { usdPerHour, listUsdPerHour } of committedPrices()) {
      expect(usdPerHour).toBeLessThan(listUsdPerHour);
    }
  });
});

describe('inWords', () => {
  it.each([
    [38e9, '38 billion'],
    [1.91e16, '19.1 quadrillion'],
    [2.5e6, '2.5 million'],
    [1234, '1234'],
  ])('%f is %s', (value, words) => {
    expect(inWords(value)).toBe(words);
  });
});
