import { html, nothing, type TemplateResult } from 'lit';
import type { Explanation } from 'tilewise';
import { describeConfig, dispatchesView, rateText, reasonsView } from '../kernels/explained.ts';
import { addressOf } from '../kernels/problem.ts';
import type { Timing } from '../measure/timing.ts';
import type { Comparison } from '../reference/check.ts';
import type { Gpu } from '../gpu/session.ts';
import { bindingCeiling } from './bindingCeiling.ts';
import type { RowState, State } from './state.ts';
import { familyOf } from '../workloads/families.ts';
import type { Entry, Group, Suite } from '../workloads/suites.ts';
import { formatCount, formatDuration, formatError, formatPercent } from '../format.ts';

const COLUMNS = [
  'Operation',
  'Shape',
  'Type',
  'Kernel',
  'Time',
  'Throughput',
  'Of ceiling',
  'Checked',
] as const;

/** The table of a run: every row stands from the beginning, so that nothing moves while it fills. */
export function resultsView({ groups, leftOut }: Suite, state: State): TemplateResult {
  return html`
    <div class="table-frame">
      <table class="results" role="table" aria-label="Results">
        <thead role="rowgroup">
          <tr role="row">
            ${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${heading(name, state.gpu)}</th>`)}
          </tr>
        </thead>
        ${groups.map((group) => groupView(group, state))}
      </table>
    </div>
    ${leftOut.map((sentence) => html`<p class="hint">${sentence}</p>`)}
  `;
}

/** A processor's time is not called a GPU's, whatever the clock. */
function heading(name: (typeof COLUMNS)[number], gpu: Gpu): string {
  if (name !== 'Time') return name;
  if (gpu.kind === 'missing') return 'CPU time';
  return gpu.kind === 'open' && gpu.timer.clock === 'gpu' && !gpu.device.capabilities.software
    ? 'GPU time'
    : 'Time';
}

function groupView({ title, entries }: Group, { rows, ceilings }: State): TemplateResult {
  return html`
    <tbody role="rowgroup">
      <tr class="group" role="row">
        <th role="rowheader" scope="rowgroup" colspan=${COLUMNS.length}>${title}</th>
      </tr>
      ${entries.map((entry) => rowView(entry, rows.get(entry.id) ?? { kind: 'waiting' }, ceilings))}
    </tbody>
  `;
}

function rowView({ title, workload }: Entry, row: RowState, ceilings: State['ceilings']): TemplateResult {
  const explanation = explanationOf(row);
  const fault = faultOf(row);
  const durationNs = durationOf(row);
  const time = durationNs === undefined ? '–' : formatDuration(durationNs);
  const rate = explanation && durationNs !== undefined ? rateText(workload, explanation, durationNs) : '–';
  return html`
    <tr class="row" role="row" data-state=${row.kind}>
      <th role="rowheader" scope="row">${title}</th>
      <td role="cell" data-label="Shape">${familyOf(workload).shapeText(workload)}</td>
      <td role="cell" data-label="Type">${workload.dtype}</td>
      <td role="cell" data-label="Kernel">
        ${explanation ? kernelView(explanation, row, addressOf(workload)) : '–'}
      </td>
      <td role="cell" data-label="Time" class="number">${time}</td>
      <td role="cell" data-label="Throughput" class="number">${rate}</td>
      <td role="cell" data-label="Of ceiling" class="number">${ceilingView(row, ceilings)}</td>
      <td role="cell" data-label="Checked">${verdictView(row)}</td>
    </tr>
    ${
      fault === undefined
        ? nothing
        : html`<tr class="fault" role="row">
            <td role="cell" colspan=${COLUMNS.length}>${fault}</td>
          </tr>`
    }
  `;
}

function explanationOf(row: RowState): Explanation | undefined {
  if (row.kind === 'gpu') return row.outcome.explanation;
  return row.kind === 'cpu' ? row.run.explanation : undefined;
}

function durationOf(row: RowState): number | undefined {
  if (row.kind === 'gpu') return row.outcome.timing?.medianNs;
  return row.kind === 'cpu' ? row.run.durationNs : undefined;
}

/** How near the row comes to what bounds it on this device. */
function ceilingView(row: RowState, ceilings: State['ceilings']): TemplateResult | string {
  if (row.kind !== 'gpu' || !row.outcome.timing) return '–';
  const binding = bindingCeiling(ceilings, row.outcome.work);
  if (!binding) return '–';
  const share = binding.idealNs / row.outcome.timing.medianNs;
  return html`${formatPercent(share)}<span class="range">${binding.ceiling.name}</span>`;
}

function verdictView(row: RowState): TemplateResult {
  if (row.kind === 'waiting') return html`<span class="verdict">–</span>`;
  if (row.kind === 'running') return html`<span class="verdict running">running</span>`;
  if (row.kind === 'cpu') return html`<span class="verdict">reference</span>`;
  if (row.kind === 'failed') return html`<span class="verdict bad">failed</span>`;
  return row.outcome.comparison.passed
    ? html`<span class="verdict good">OK</span>`
    : html`<span class="verdict bad">WRONG</span>`;
}

function faultOf(row: RowState): string | undefined {
  if (row.kind === 'failed') return row.message;
  return row.kind === 'gpu' ? row.outcome.comparison.fault : undefined;
}

/** The kernel's name, and on demand why it was chosen, how the check went and how the time was taken. */
function kernelView(explanation: Explanation, row: RowState, address: string | undefined): TemplateResult {
  const config = describeConfig(explanation.config);
  return html`
    <details>
      <summary>${explanation.kernel}</summary>
      <dl class="why">
        ${reasonsView(explanation)}
        ${
          config === ''
            ? nothing
            : html`<dt>Config</dt>
                <dd>${config}</dd>`
        }
        ${dispatchesView(explanation)} ${row.kind === 'gpu' ? checkView(row.outcome.comparison) : nothing}
        ${row.kind === 'gpu' && row.outcome.timing ? timingView(row.outcome.timing) : nothing}
      </dl>
      ${address === undefined ? nothing : html`<a href=${address}>Its WGSL and parameters</a>`}
    </details>
  `;
}

function checkView({ compared, of, maxError, tolerance }: Comparison): TemplateResult {
  const extent =
    compared === of ? `all ${formatCount(of)}` : `${formatCount(compared)} of ${formatCount(of)}`;
  const allowed =
    tolerance === 0 ? 'none is allowed' : `${formatError(tolerance)} allowed where it was closest`;
  return html`
    <dt>Compared</dt>
    <dd>${extent} elements with the CPU path; largest error ${formatError(maxError)}, ${allowed}</dd>
  `;
}

function timingView({ lowNs, highNs, samples, repeats }: Timing): TemplateResult {
  const runs = repeats === 1 ? 'one run' : `${formatCount(repeats)} runs`;
  if (samples === 1)
    return html`<dt>Timed</dt>
      <dd>once, in a sample of ${runs}</dd>`;
  return html`
    <dt>Timed</dt>
    <dd>
      median of ${samples} samples of ${runs}; 10th to 90th percentile ${formatDuration(lowNs)} to
      ${formatDuration(highNs)}
    </dd>
  `;
}
