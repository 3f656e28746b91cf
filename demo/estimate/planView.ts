import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { PlanOutcome } from 'tilewise/plan';
import type { Draw } from '../chart/chart.ts';
import { formatCount, formatLarge, formatPercent, formatUsd } from '../format.ts';
import { sentence } from '../text.ts';
import type { Budget } from './budget.ts';
import type { Choice } from './choice.ts';
import type { EstimateActions } from './actions.ts';
import type { EstimateState } from './explorer.ts';

const PRICE_WORDS = {
  list: 'At list prices',
  committed: 'At committed prices',
  given: 'At given prices',
} as const;
const WEIGHTS = ['f16', 'fp8', 'fp4'] as const;

/** What a budget buys, with every assumption as a control. */
export function planView(state: EstimateState, actions: EstimateActions): TemplateResult {
  const { budget, budgetFault } = state;
  return html`
    <section class="card" aria-labelledby="plan-title">
      <h3 id="plan-title">What a contract buys</h3>
      <p>
        The figures to begin with are those of OpenAI’s contract with AWS of November 2025: 38 billion dollars
        over seven years. Such contracts name neither prices nor numbers of accelerators, so each assumption
        is yours.
      </p>
      ${controlsView(state, actions)}
      ${budgetFault === undefined ? nothing : html`<p class="notice" role="alert">${sentence(budgetFault)}</p>`}
      ${budget && budgetFault === undefined ? outcomesView(budget) : nothing}
      <div class="chart years" ${ref(actions.years)}></div>
      ${budget && budgetFault === undefined ? detailsView(budget) : nothing}
    </section>
  `;
}

function controlsView(
  { choice, budget, exploration }: EstimateState,
  { choose }: EstimateActions,
): TemplateResult {
  const text = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;
  const number = (
    label: string,
    name: 'budget' | 'years' | 'utilisation' | 'ramp',
    [least, most, step]: readonly [number, number, number],
    scale = 1,
  ): TemplateResult => html`
    <label>
      ${label}
      <input
        type="number"
        min=${least}
        max=${most}
        step=${step}
        .value=${String(Number((choice[name] / scale).toPrecision(6)))}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          if (input.reportValidity() && input.value !== '') choose({ [name]: Number(input.value) * scale });
        }}
      />
    </label>
  `;
  const options = (names: readonly string[], chosen: string): readonly TemplateResult[] =>
    names.map((name) => html`<option value=${name} ?selected=${name === chosen}>${name}</option>`);
  return html`
    <form
      class="choices"
      aria-label="Assumptions of the plan"
      @submit=${(event: Event) => event.preventDefault()}
    >
      ${number('Billions of dollars', 'budget', [0.001, 1000, 0.001], 1e9)}
      ${number('Years', 'years', [0.5, 20, 0.5])}
      <label>
        Provider
        <select @change=${(event: Event) => choose({ planProvider: text(event), instance: '' })}>
          <option value="">any</option>
          ${options(exploration?.providers ?? [], choice.planProvider)}
        </select>
      </label>
      <label>
        Instance type
        <select @change=${(event: Event) => choose({ instance: text(event) })}>
          <option value="">most tokens for the money</option>
          ${options(budget?.instanceTypes ?? [], choice.instance)}
        </select>
      </label>
      <label>
        Model served
        <select @change=${(event: Event) => choose({ model: text(event) })}>
          ${options(budget?.models ?? [choice.model], choice.model)}
        </select>
      </label>
      <label>
        Weights
        <select @change=${(event: Event) => choose({ weights: text(event) as Choice['weights'] })}>
          ${options(WEIGHTS, choice.weights)}
        </select>
      </label>
      ${number('Hours at work, %', 'utilisation', [1, 100, 1], 0.01)}
      ${number('Months until all is there', 'ramp', [0, 60, 1])}
    </form>
  `;
}

function outcomesView({ plan }: Budget): TemplateResult {
  return html`<div class="outcomes">${plan.outcomes.map(outcomeView)}</div>`;
}

function outcomeView(outcome: PlanOutcome): TemplateResult {
  const { kind, parts, accelerators, megawatts, tokens, tokensLow, tokensHigh, usdPerMillionTokens } =
    outcome;
  const figures: readonly (readonly [string, string, string])[] = [
    [
      'accelerators',
      formatCount(accelerators),
      parts.map((part) => `${part.accelerator}, ${part.instanceType}`).join('; '),
    ],
    [
      'megawatts',
      megawatts === null ? 'unknown' : formatCount(megawatts),
      'from the grid, host and cooling included',
    ],
    ['tokens', formatLarge(tokens), `${formatLarge(tokensLow)} to ${formatLarge(tokensHigh)}`],
    [
      'per million tokens',
      formatUsd(usdPerMillionTokens),
      parts
        .map(
          ({ price }) =>
            `${formatUsd(price.usdPerAcceleratorHour)} an accelerator and hour, ${price.date ?? 'undated'}`,
        )
        .join('; '),
    ],
  ];
  return html`
    <section aria-label=${PRICE_WORDS[kind]}>
      <h4>${PRICE_WORDS[kind]}</h4>
      <dl class="figures">
        ${figures.map(
          ([name, value, note]) =>
            html`<div>
              <dt>${name}</dt>
              <dd><strong>${value}</strong><span class="range">${note}</span></dd>
            </div>`,
        )}
      </dl>
    </section>
  `;
}

function detailsView({ plan, deals }: Budget): TemplateResult {
  return html`
    <h4>Which assumption matters most</h4>
    <div class="table-frame">
      <table class="sensitivity" role="table" aria-label="Which assumption matters most">
        <thead role="rowgroup">
          <tr role="row">
            ${['Assumption', 'Taken', 'Instead', 'Tokens then'].map(
              (name) => html`<th role="columnheader" scope="col">${name}</th>`,
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${plan.sensitivity.map(
            ({ assumption, taken, low, high, tokensAtLow, tokensAtHigh }) => html`
              <tr class="row" role="row">
                <th role="rowheader" scope="row">${assumption}</th>
                <td role="cell" data-label="Taken">${taken}</td>
                <td role="cell" data-label="Instead">${low} or ${high}</td>
                <td role="cell" data-label="Tokens then" class="number">
                  ${tokensThen(tokensAtLow)} or ${tokensThen(tokensAtHigh)}
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint">${plan.notices.join(' ')}</p>
    <details>
      <summary>What has been published of such contracts</summary>
      <ul class="why">
        ${deals.map(
          ({ subject, metric, value, unit, date, source, note }) =>
            html`<li>
              ${subject}: ${metric} ${value} ${unit},
              ${date ?? 'undated'}${note === undefined ? nothing : html` (${note})`}
              <span class="source">${source}</span>
            </li>`,
        )}
      </ul>
    </details>
  `;
}

function tokensThen(share: number | null): string {
  return share === null ? 'does not fit' : formatPercent(share);
}

/** Tokens of each year at both kinds of price. */
export function yearsChart({ plan }: Budget): Draw {
  const bars = plan.outcomes.flatMap(({ kind, years }) =>
    years.map(({ year, tokens }) => ({ kind: PRICE_WORDS[kind], year, tokens })),
  );
  return (plot) => ({
    marginLeft: 88,
    marginBottom: 44,
    marginTop: 24,
    fx: { label: null, domain: plan.outcomes.map(({ kind }) => PRICE_WORDS[kind]) },
    x: { label: 'Year →', tickFormat: (year: number) => String(year) },
    y: {
      label: '↑ Tokens',
      tickFormat: (tokens: number) => formatLarge(tokens),
      grid: true,
      ticks: 4,
      nice: true,
    },
    marks: [
      plot.barY(bars, { fx: 'kind', x: 'year', y: 'tokens', fill: 'var(--series-1)' }),
      plot.ruleY([0], { stroke: 'var(--muted)' }),
    ],
  });
}
