import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { Gpu } from '../gpu/session.ts';
import { gpuView } from '../gpu/gpuView.ts';
import type { Suite } from '../workloads/suites.ts';
import { sentence } from '../text.ts';
import { resultsView } from './resultsView.ts';
import { FAMILIES } from './roofline.ts';
import type { Phase, State } from './state.ts';

/** What the visitor can do. */
export interface RunActions {
  readonly run: () => void;
  readonly stop: () => void;
  readonly reopen: () => void;
  /** Takes the element that the roofline is drawn in. */
  readonly chart: (element: Element | undefined) => void;
}

/** The GPU and, once it is known, the run with its table and the roofline. */
export function runView(state: State, actions: RunActions): TemplateResult {
  return html`
    ${gpuView(state.gpu)} ${state.suite ? sectionView(state, state.suite, actions) : nothing}
    ${state.gpu.kind === 'missing' || !state.suite ? nothing : rooflineCard(state, actions)}
  `;
}

function sectionView(state: State, suite: Suite, actions: RunActions): TemplateResult {
  const { done, of } = state.progress;
  return html`
    <section class="card" aria-labelledby="suite-title">
      <h3 id="suite-title">Run and check</h3>
      <p>
        ${suite.summary} Every result is checked against the CPU path, which computes in double precision,
        before it is timed; a wrong result gets no time.
      </p>
      <div class="controls">
        ${button(state, actions)}
        <progress aria-label="Progress of the run" max=${Math.max(1, of)} value=${done}></progress>
        <p class="status" role="status">${statusText(state)}</p>
      </div>
      ${resultsView(suite, state)}
      ${state.ceilingsFault === undefined ? nothing : html`<p class="notice">${sentence(state.ceilingsFault)}</p>`}
    </section>
  `;
}

function rooflineCard({ gpu, phase }: State, { chart }: RunActions): TemplateResult {
  const software = gpu.kind === 'open' && gpu.device.capabilities.software;
  return html`
    <section class="card" aria-labelledby="roofline-title">
      <h3 id="roofline-title">Roofline</h3>
      <p>
        What bounds kernels: to the left memory, to the right arithmetic. Both are measured on this device at
        the start of a run. A row can come out above them, most of all where caches hold its data.
        ${software ? 'Times of a processor say nothing of a GPU.' : nothing}
        ${phase === 'idle' ? 'Points appear as rows are done.' : nothing}
      </p>
      <ul class="legend" aria-hidden="true">
        ${Object.values(FAMILIES).map((name, index) => html`<li class="series-${index + 1}">${name}</li>`)}
      </ul>
      <div class="chart" ${ref(chart)}></div>
    </section>
  `;
}

/** One button for all that can be done, so that it keeps the focus when its meaning changes. */
function button({ gpu, phase }: State, actions: RunActions): TemplateResult {
  const [label, action] = actionOf(gpu, phase, actions);
  return html`<button type="button" ?disabled=${gpu.kind === 'opening'} @click=${action}>${label}</button>`;
}

function actionOf(gpu: Gpu, phase: Phase, { run, stop, reopen }: RunActions): readonly [string, () => void] {
  if (gpu.kind === 'lost') return ['Open the GPU again', reopen];
  if (phase === 'running') return ['Stop', stop];
  return [phase === 'idle' ? 'Run' : 'Run again', run];
}

function statusText({ gpu, phase, progress, rows, hidden }: State): string {
  const { done, of, current } = progress;
  if (gpu.kind === 'lost') return 'The run ended: the GPU was lost.';
  if (gpu.kind === 'opening') return 'Looking for a GPU…';
  if (phase === 'idle') return 'Ready.';
  if (phase === 'running' && hidden) return 'Waiting: timing pauses while this tab is hidden.';
  if (phase === 'running' && current.startsWith('ceiling')) return `Measuring the ${current}`;
  if (phase === 'running') return `${done + 1} of ${of}: ${current}`;
  if (phase === 'stopped') return `Stopped after ${done} of ${of}.`;
  const bad = [...rows.values()].filter(
    (row) => row.kind === 'failed' || (row.kind === 'gpu' && !row.outcome.comparison.passed),
  ).length;
  if (bad > 0) return `Done: ${bad} of ${of} rows failed.`;
  return gpu.kind === 'missing' ? `Done: ${of} rows on the CPU path.` : `Done: all ${of} results are right.`;
}
