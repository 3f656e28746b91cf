import { html, nothing, type TemplateResult } from 'lit';
import type { Basis, EstimateRow, Explanation } from 'tilewise/estimate';
import { CLOUD_WORKLOADS, type CloudWorkload } from './cloudWorkloads.ts';
import { formatCount, formatNumber, formatUsd } from '../format.ts';

/** What the visitor asks for. */
export interface EstimateChoice {
  readonly workload: CloudWorkload;
  readonly pricing: 'on-demand' | 'spot';
  /** Empty for all. */
  readonly provider: string;
  /** Also accelerators that WebGPU does not reach. */
  readonly beyondWebgpu: boolean;
}

export interface EstimateState {
  readonly choice: EstimateChoice;
  readonly providers: readonly string[];
  /** The best rows; undefined until the catalogue has been loaded. */
  readonly result:
    | {
        readonly rows: readonly EstimateRow[];
        readonly found: number;
        readonly notices: readonly string[];
        readonly basisWords: Readonly<Record<Basis, string>>;
      }
    | undefined;
  readonly fault: string | undefined;
}

const RATE_UNITS = { tflops: 'TFLOP/s', gigabytesPerSecond: 'GB/s' } as const;

/** The cheapest instance types for a workload, the most work per dollar first. */
export function estimateView(
  state: EstimateState,
  shown: number,
  choose: (change: Partial<EstimateChoice>) => void,
): TemplateResult {
  const { choice, result, fault } = state;
  const unit = RATE_UNITS[choice.workload.rate];
  const columns = [
    'Instance type',
    'Accelerator',
    'Price an hour',
    'Price date',
    unit,
    `${unit} per $/h`,
    'Basis',
  ];
  const blanks = Array.from({ length: Math.max(0, shown - (result?.rows.length ?? 0)) });
  return html`
    <section
      class="card"
      aria-labelledby="cloud-title"
      aria-busy=${result === undefined && fault === undefined}
    >
      <h3 id="cloud-title">Instance types by work per dollar, for one layer of Llama-3.1-8B</h3>
      ${choicesView(state, choose)}
      ${fault === undefined ? nothing : html`<p class="notice" role="alert">The catalogue could not be loaded: ${fault}</p>`}
      <div class="table-frame">
        <table class="estimate" role="table" aria-label="Instance types, the most work per dollar first">
          <thead role="rowgroup">
            <tr role="row">
              ${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody role="rowgroup">
            ${result?.rows.map((row) => rowView(row, choice.workload.rate, result.basisWords))}
            ${blanks.map(
              () =>
                html`<tr class="row blank" role="presentation">
                  <td colspan=${columns.length}>&nbsp;</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${result ? summaryView(result) : nothing}
    </section>
  `;
}

function choicesView(
  { choice, providers }: EstimateState,
  choose: (change: Partial<EstimateChoice>) => void,
): TemplateResult {
  const selected = (event: Event): string => (event.target as HTMLSelectElement).value;
  return html`
    <form class="choices" aria-label="What to estimate" @submit=${(event: Event) => event.preventDefault()}>
      <label>
        Workload
        <select @change=${(event: Event) => choose({ workload: CLOUD_WORKLOADS[Number(selected(event))]! })}>
          ${CLOUD_WORKLOADS.map(
            (workload, index) =>
              html`<option value=${index} ?selected=${workload === choice.workload}>
                ${workload.title}
              </option>`,
          )}
        </select>
      </label>
      <label>
        Provider
        <select @change=${(event: Event) => choose({ provider: selected(event) })}>
          <option value="">all</option>
          ${providers.map(
            (provider) => html`<option ?selected=${provider === choice.provider}>${provider}</option>`,
          )}
        </select>
      </label>
      <label>
        Price
        <select
          @change=${(event: Event) => choose({ pricing: selected(event) as EstimateChoice['pricing'] })}
        >
          ${(['on-demand', 'spot'] as const).map(
            (pricing) => html`<option ?selected=${pricing === choice.pricing}>${pricing}</option>`,
          )}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          .checked=${choice.beyondWebgpu}
          @change=${(event: Event) => choose({ beyondWebgpu: (event.target as HTMLInputElement).checked })}
        />
        also accelerators that WebGPU does not reach
      </label>
    </form>
  `;
}

function rowView(
  row: EstimateRow,
  rate: CloudWorkload['rate'],
  basisWords: Readonly<Record<Basis, string>>,
): TemplateResult {
  const value = row[rate]!;
  const range = `${formatNumber(value * row.relativeLow!)} to ${formatNumber(value * row.relativeHigh!)}`;
  const count = row.count === null ? '' : `${formatNumber(row.count)} × `;
  return html`
    <tr class="row" role="row">
      <th role="rowheader" scope="row"><span class="provider">${row.provider}</span> ${row.instanceType}</th>
      <td role="cell" data-label="Accelerator">
        ${count}${row.acceleratorName}
        ${row.webgpu === 'yes' ? nothing : html`<span class="tag">WebGPU: ${row.webgpu}</span>`}
      </td>
      <td role="cell" data-label="Price an hour" class="number">${formatUsd(row.usdPerHour!)}</td>
      <td role="cell" data-label="Price date">${priceDateView(row)}</td>
      <td role="cell" data-label=${RATE_UNITS[rate]} class="number">
        ${formatNumber(value)}<span class="range">${range}</span>
      </td>
      <td role="cell" data-label="${RATE_UNITS[rate]} per $/h" class="number">
        ${formatNumber(value / row.usdPerHour!)}
      </td>
      <td role="cell" data-label="Basis">${basisView(basisWords[row.basis], row.explanation)}</td>
    </tr>
  `;
}

function priceDateView({ priceDate, priceAge }: EstimateRow): TemplateResult {
  if (priceDate === null) return html`<span class="tag">undated</span>`;
  return html`<time datetime=${priceDate}>${priceDate}</time> ${
      priceAge === 'stale' ? html`<span class="tag">old</span>` : nothing
    }`;
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

function summaryView({ rows, found, notices }: NonNullable<EstimateState['result']>): TemplateResult {
  return html`
    <p class="hint">
      ${
        found === 0
          ? 'No instance type fits.'
          : `The first ${rows.length} of ${formatCount(found)} instance types with a known price of this kind. Ranges are from the 10th to the 90th percentile.`
      }
    </p>
    <p class="hint">${notices.join(' ')}</p>
  `;
}
