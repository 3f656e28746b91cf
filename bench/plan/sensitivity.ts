import type { TransformerWorkload, WeightFormat } from '../estimate/index.ts';
import { outcome, rowOf } from './outcome.ts';
import { committedPrices, meanCommittedShare } from './prices.ts';
import type { Plan, PlanRequest, Sensitivity } from './types.ts';

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

/** What becomes of a plan when one assumption is other than taken, most telling first. */
export function sensitivity(request: PlanRequest, outcomes: Plan['outcomes']): readonly Sensitivity[] {
  const [first] = outcomes;
  const tokens = (change: Partial<PlanRequest>): number =>
    outcome({ ...request, ...change }, first.kind).tokens / first.tokens;
  const { workload, utilisation, mix } = request;
  const withWorkload = (change: Partial<TransformerWorkload>): number | null => {
    const changed = { ...request, workload: { ...workload, ...change } };
    const fits = mix.every((part) => rowOf(changed, part).tokensPerSecond !== null);
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
