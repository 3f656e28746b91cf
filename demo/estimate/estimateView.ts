import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Explanation } from 'tilewise/estimate';
import { formatCount, formatNumber, formatUsd } from '../format.ts';
import { sentence } from '../text.ts';
import type { EstimateActions } from './actions.ts';
import { SORTS, type Choice } from './choice.ts';
import { CLOUD_WORKLOADS, UNITS } from './cloudWorkloads.ts';
import type { Offer } from './explore.ts';
import type { EstimateState } from './explorer.ts';
import type { OwnRate } from './ownGpu.ts';
import { planView } from './planView.ts';

/** How many instance types the table shows. */
const SHOWN = 12;

/** The explorer over instance types, and the planner below. */
export function estimateView(state: EstimateState, actions: EstimateActions): TemplateResult {
  const { choice, exploration, fault, own } = state;
  const unit = UNITS[CLOUD_WORKLOADS.find(({ id }) => id === choice.workload)!.rate].name;
  return html`
    <section
      class="card"
      aria-labelledby="cloud-title"
      aria-busy=${exploration === undefined && fault === undefined}
    >
      <h3 id="cloud-title">Price against throughput</h3>
      ${choicesView(state, actions)}
      ${fault === undefined ? nothing : html`<p class="notice" role="alert">The catalogue could not be loaded: ${fault}</p>`}
      <div class="chart" ${ref(actions.scatter)}></div>
      <p class="hint">
        Each point is an instance type; its line spans the 10th to the 90th percentile. Larger points, joined
        by a line, yield most at their price.
      </p>
      ${ownView(own, actions)}
    </section>
    <section class="card" aria-labelledby="table-title">
      <h3 id="table-title">The first ${SHOWN}: ${SORTS[choice.sort]}</h3>
      ${tableView(state, unit)} ${exploration ? summaryView(state) : nothing}
    </section>
    ${planView(state, actions)}
  `;
}

const valueOf = (event: Event): string => (event.target as HTMLInputElement | HTMLSelectElement).value;

function choicesView({ choice, exploration }: EstimateState, { choose }: EstimateActions): TemplateResult {
  return html`
    <form class="choices" aria-label="What to estimate" @submit=${(event: Event) => event.preventDefault()}>
      <label>
        Workload
        <select @change=${(event: Event) => choose({ workload: valueOf(event) })}>
          ${CLOUD_WORKLOADS.map(
            ({ id, title }) =>
              html`<option value=${id} ?selected=${id === choice.workload}>${title}</option>`,
          )}
        </select>
      </label>
      <label>
        Provider
        <select class="provider-choice" @change=${(event: Event) => choose({ provider: valueOf(event) })}>
          <option value="">all</option>
          ${exploration?.providers.map(
            (provider) => html`<option ?selected=${provider === choice.provider}>${provider}</option>`,
          )}
        </select>
      </label>
      <label>
        Price
        <select @change=${(event: Event) => choose({ pricing: valueOf(event) as Choice['pricing'] })}>
          ${(['on-demand', 'spot'] as const).map(
            (pricing) => html`<option ?selected=${pricing === choice.pricing}>${pricing}</option>`,
          )}
        </select>
      </label>
      <label>
        Order
        <select @change=${(event: Event) => choose({ sort: valueOf(event) as Choice['sort'] })}>
          ${Object.entries(SORTS).map(
            ([sort, words]) =>
              html`<option value=${sort} ?selected=${sort === choice.sort}>${words}</option>`,
          )}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          .checked=${choice.beyond}
          @change=${(event: Event) => choose({ beyond: (event.target as HTMLInputElement).checked })}
        />
        also accelerators that WebGPU does not reach
      </label>
    </form>
  `;
}

function ownView(own: OwnRate, { placeOwn }: EstimateActions): TemplateResult {
  return html`
    <div class="controls">
      <button type="button" ?disabled=${own.kind === 'measuring'} @click=${placeOwn}>Place my GPU</button>
      <p class="status" role="status">
        ${
          {
            unknown: 'Runs this workload on your GPU and draws its rate among the others.',
            measuring: 'Measuring…',
            measured: own.kind === 'measured' ? `Your GPU: ${own.words}.` : '',
            impossible: own.kind === 'impossible' ? sentence(own.why) : '',
          }[own.kind]
        }
      </p>
    </div>
  `;
}

function tableView({ exploration }: EstimateState, unit: string): TemplateResult {
  const offers = exploration?.offers.slice(0, SHOWN) ?? [];
  const perJoule = exploration ? UNITS[exploration.workload.rate].perJoule : '';
  const columns = [
    'Instance type',
    'Accelerator',
    'Price an hour',
    unit,
    `${unit} per $/h`,
    'Power',
    'Basis',
  ];
  const blanks = Array.from({ length: SHOWN - offers.length });
  return html`
    <div class="table-frame">
      <table class="estimate" role="table" aria-label="Instance types">
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${offers.map((offer) => offerView(offer, unit, perJoule))}
          ${blanks.map(
            () =>
              html`<tr class="row blank" role="presentation">
                <td colspan=${columns.length}>&nbsp;</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function offerView(offer: Offer, unit: string, perJoule: string): TemplateResult {
  const count = offer.count === null ? '' : `${formatNumber(offer.count)} × `;
  return html`
    <tr class="row" role="row">
      <th role="rowheader" scope="row">
        <span class="provider">${offer.provider}</span> ${offer.instanceType}
      </th>
      <td role="cell" data-label="Accelerator">
        ${count}${offer.accelerator}
        ${offer.webgpu === 'yes' ? nothing : html`<span class="tag">WebGPU: ${offer.webgpu}</span>`}
      </td>
      <td role="cell" data-label="Price an hour" class="number">
        ${formatUsd(offer.usdPerHour)}<span class="range"
          >${offer.priceDate ?? 'undated'}${offer.stale ? ', old' : ''}</span
        >
      </td>
      <td role="cell" data-label=${unit} class="number">
        ${formatNumber(offer.rate)}<span class="range"
          >${formatNumber(offer.low)} to ${formatNumber(offer.high)}</span
        >
      </td>
      <td role="cell" data-label="${unit} per $/h" class="number">
        ${formatNumber(offer.ratePerUsd)}${offer.pareto ? html` <span class="tag">front</span>` : nothing}
      </td>
      <td role="cell" data-label="Power" class="number">
        ${
          offer.watts === null
            ? 'unknown'
            : html`${formatNumber(offer.watts / 1000)} kW<span class="range"
                  >${formatNumber(offer.perJoule!)} ${perJoule}</span
                >`
        }
      </td>
      <td role="cell" data-label="Basis">${basisView(offer.basis, offer.explanation)}</td>
    </tr>
  `;
}

/** The basis in words; on demand all that the figure was worked out from. */
function basisView(words: string, { formula, inputs, assumptions }: Explanation): TemplateResult {
  return html`
    <details>
      <summary>${words}</summary>
      <p class="hint">${formula}</p>
      <ul class="why">
        ${inputs.map(
          ({ name, value, unit, source }) =>
            html`<li>
              ${name}: ${formatNumber(value)} ${unit === '1' ? nothing : unit}
              <span class="source">${source}</span>
            </li>`,
        )}
        ${assumptions.map((assumption) => html`<li>${assumption}</li>`)}
      </ul>
    </details>
  `;
}

function summaryView({ exploration }: EstimateState): TemplateResult {
  const { offers, notices } = exploration!;
  return html`
    <p class="hint">
      ${
        offers.length === 0
          ? 'No instance type fits.'
          : `${formatCount(Math.min(SHOWN, offers.length))} of ${formatCount(offers.length)} instance types with a known price of this kind. Power is drawn from the grid: accelerators, host and cooling.`
      }
    </p>
    <p class="hint">${notices.join(' ')}</p>
  `;
}
