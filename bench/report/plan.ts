import pc from 'picocolors';
import type { FacilityFact } from '../catalog/types.ts';
import { HOURS_PER_YEAR } from '../plan/index.ts';
import type { Plan, PlanOutcome, PlanPart, PlanYear, Sensitivity } from '../plan/index.ts';
import { significant } from './format.ts';
import { renderTable, type Column } from './table.ts';

const PREFIXES = [
  [1e15, 'quadrillion'],
  [1e12, 'trillion'],
  [1e9, 'billion'],
  [1e6, 'million'],
] as const;

/** `38 billion`. */
export function inWords(value: number): string {
  const found = PREFIXES.find(([size]) => value >= size);
  return found ? `${significant(value / found[0])} ${found[1]}` : significant(value);
}

const megawatts = (value: number | null): string => (value === null ? 'unknown' : significant(value));

const partColumns: readonly Column<PlanPart>[] = [
  { header: 'price', cell: ({ price }) => price.kind },
  { header: 'instance type', cell: ({ provider, instanceType }) => `${provider} ${instanceType}` },
  { header: 'accelerator', dispensable: 2, cell: ({ accelerator }) => accelerator },
  { header: 'of the money', align: 'right', cell: ({ share }) => `${Math.round(100 * share)} %` },
  {
    header: 'USD/GPU-h',
    align: 'right',
    cell: ({ price }) => price.usdPerAcceleratorHour.toFixed(2),
  },
  {
    header: 'price date',
    dispensable: 3,
    cell: ({ price }) => `${price.date ?? 'no date'}${price.age === 'stale' ? ', old' : ''}`,
  },
  {
    header: 'accelerators',
    align: 'right',
    cell: ({ accelerators }) => Math.round(accelerators).toLocaleString('en'),
  },
  { header: 'MW', align: 'right', cell: (part) => megawatts(part.megawatts) },
  { header: 'tokens/s', align: 'right', cell: ({ tokensPerSecond }) => inWords(tokensPerSecond) },
  {
    header: '10 % to 90 %',
    align: 'right',
    dispensable: 1,
    cell: ({ low, high }) => `${inWords(low)} to ${inWords(high)}`,
  },
];

const yearColumns: readonly Column<PlanYear>[] = [
  { header: 'year', align: 'right', cell: ({ year }) => String(year) },
  {
    header: 'accelerators',
    align: 'right',
    cell: ({ accelerators }) => Math.round(accelerators).toLocaleString('en'),
  },
  { header: 'MW', align: 'right', cell: (year) => megawatts(year.megawatts) },
  { header: 'USD', align: 'right', cell: ({ usd }) => inWords(usd) },
  { header: 'tokens', align: 'right', cell: ({ tokens }) => inWords(tokens) },
  { header: 'tokens so far', align: 'right', cell: ({ tokensSoFar }) => inWords(tokensSoFar) },
];

const sensitivityColumns: readonly Column<Sensitivity>[] = [
  { header: 'assumption', cell: ({ assumption }) => assumption },
  { header: 'taken', cell: ({ taken }) => taken },
  { header: 'or', cell: ({ low, tokensAtLow }) => `${low}: ${change(tokensAtLow)}` },
  { header: 'or', cell: ({ high, tokensAtHigh }) => `${high}: ${change(tokensAtHigh)}` },
  { header: 'from', dispensable: 1, cell: ({ source }) => source },
];

function change(share: number | null): string {
  if (share === null) return 'does not fit';
  const percent = Math.round(100 * (share - 1));
  return percent === 0 ? 'the same' : `${percent > 0 ? '+' : ''}${percent} %`;
}

/** A deal with its date and source: two lines, so that no source gives way to a narrow terminal. */
function dealLines({ date, subject, metric, value, unit, note, source }: FacilityFact): string {
  const figure = value === undefined ? 'unknown' : `${value} ${unit ?? ''}`.trim();
  const more = note === undefined ? '' : `; ${note}`;
  return `${(date ?? 'undated').padEnd(10)}  ${subject}, ${metric}: ${figure}${more}\n${pc.dim(`            ${source ?? 'no source'}`)}`;
}

/** Numbers of accelerators that "hundreds of thousands" may mean. */
const HUNDREDS_OF_THOUSANDS = [100_000, 200_000, 300_000, 500_000];

/** What the plan says, the facts of the deals under it. */
export function renderPlan(plan: Plan, deals: readonly FacilityFact[], width: number): string {
  const { request, outcomes, sensitivity, notices } = plan;
  const [first] = outcomes;
  const implied = HUNDREDS_OF_THOUSANDS.map((count) => {
    const usd = request.budgetUsd / (count * request.years * HOURS_PER_YEAR);
    return `${count.toLocaleString('en')} at ${usd.toFixed(2)} USD/GPU-h`;
  });
  return [
    pc.bold(
      `${inWords(request.budgetUsd)} USD over ${significant(request.years)} years: ${request.workload.name}, ` +
        `at work ${Math.round(100 * request.utilisation)} % of the time, ramp of ${significant(request.rampMonths)} months`,
    ),
    renderTable(
      partColumns,
      outcomes.flatMap(({ parts }) => parts),
      width,
    ),
    outcomes.map(outcomeLine).join('\n'),
    `${pc.bold(`Year by year, at ${first.kind} prices`)}\n${renderTable(yearColumns, first.years, width)}`,
    `${pc.bold(`What the tokens hang on, at ${first.kind} prices`)}\n${renderTable(sensitivityColumns, sensitivity, width)}`,
    `The same money for other numbers of accelerators, all of them all the time: ${implied.join('; ')}.`,
    `${pc.bold('The deals, as reported')}\n${deals.map(dealLines).join('\n')}`,
    notices.join('\n'),
  ].join('\n\n');
}

function outcomeLine(outcome: PlanOutcome): string {
  const { kind, accelerators, tokens, tokensLow, tokensHigh, usdPerMillionTokens } = outcome;
  return (
    `At ${kind} prices: ${Math.round(accelerators).toLocaleString('en')} accelerators, ${megawatts(outcome.megawatts)} MW, ` +
    `${inWords(tokens)} tokens (${inWords(tokensLow)} to ${inWords(tokensHigh)}), ` +
    `${usdPerMillionTokens.toFixed(2)} USD a million.`
  );
}
