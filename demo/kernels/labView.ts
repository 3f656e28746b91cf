import { html, nothing, type TemplateResult } from 'lit';
import type { Explanation } from 'tilewise';
import { gpuNotice } from '../gpu/gpuNotice.ts';
import { formatBytes, formatCount, formatDuration } from '../format.ts';
import { describeConfig, dispatchesView, rateText, reasonsView } from './explained.ts';
import type { Attempt, LabState, Parameter } from './lab.ts';
import { PROBLEMS, type Chosen } from './problem.ts';
import { tuningCard, type TuningActions } from './tuningView.ts';

export interface LabActions extends TuningActions {
  readonly choose: (change: Partial<Chosen>) => void;
  readonly chooseProblem: (id: string) => void;
  readonly run: (sweep?: Parameter) => void;
  readonly stop: () => void;
  readonly reopen: () => void;
}

/** A problem, the kernel chosen for it and why, its parameters, its time, its text. */
export function labView(state: LabState, f16: boolean, actions: LabActions): TemplateResult {
  return html`
    ${gpuNotice(state.gpu, actions.reopen, 'Kernels are chosen for the least device that WebGPU allows, and are not run.')}
    ${problemCard(state, f16, actions)}
    ${state.fault === undefined ? nothing : html`<p class="notice" role="alert">${state.fault}</p>`}
    ${
      state.inspection
        ? html`<div class="two-columns">
              ${kernelCard(state, state.inspection.explanation, actions)} ${spaceCard(state, actions)}
            </div>
            ${tuningCard(state, actions)} ${attemptsCard(state)} ${textCard(state)}`
        : nothing
    }
  `;
}

function problemCard({ chosen }: LabState, f16: boolean, actions: LabActions): TemplateResult {
  const value = (event: Event): string => (event.target as HTMLInputElement).value;
  const resize = (index: number, event: Event): void =>
    actions.choose({ sizes: chosen.sizes.with(index, Number(value(event))) });
  return html`
    <form class="card choices" aria-label="The problem" @submit=${(event: Event) => event.preventDefault()}>
      <label>
        Operation
        <select @change=${(event: Event) => actions.chooseProblem(value(event))}>
          ${PROBLEMS.map(
            ({ id, title }) => html`<option value=${id} ?selected=${id === chosen.kind.id}>${title}</option>`,
          )}
        </select>
      </label>
      ${chosen.kind.sizes.map(
        ({ label, most }, index) => html`
          <label>
            ${label}
            <input
              type="number"
              min="1"
              max=${most}
              .value=${String(chosen.sizes[index])}
              @change=${(event: Event) => resize(index, event)}
            />
          </label>
        `,
      )}
      <label>
        Type
        <select @change=${(event: Event) => actions.choose({ dtype: value(event) as Chosen['dtype'] })}>
          <option ?selected=${chosen.dtype === 'f32'}>f32</option>
          <option ?selected=${chosen.dtype === 'f16'} ?disabled=${!f16}>f16</option>
        </select>
      </label>
    </form>
  `;
}

function kernelCard({ chosen }: LabState, explanation: Explanation, actions: LabActions): TemplateResult {
  const { kernel, passedOver, candidates, flops, bytes, scratchBytes } = explanation;
  const select = (event: Event): void =>
    actions.choose({ kernel: (event.target as HTMLSelectElement).value, config: {} });
  const impossible = candidates.filter(({ supports }) => supports !== true);
  return html`
    <section class="card" aria-labelledby="kernel-title">
      <h3 id="kernel-title">Kernel <code>${kernel}</code></h3>
      <label class="field">
        Run it with
        <select @change=${select}>
          <option value="" ?selected=${chosen.kernel === ''}>what the library chooses</option>
          ${candidates.map(
            ({ kernel: name, supports }) =>
              html`<option value=${name} ?selected=${chosen.kernel === name} ?disabled=${supports !== true}>
                ${name}
              </option>`,
          )}
        </select>
      </label>
      <dl class="why">
        ${reasonsView(explanation)}
        ${impossible
          .filter(({ kernel: name }) => !passedOver.some(({ kernel: other }) => other === name))
          .map(
            ({ kernel: name, supports }) =>
              html`<dt>Cannot run here: ${name}</dt>
                <dd>${supports}</dd>`,
          )}
        ${dispatchesView(explanation)}
        <dt>Work</dt>
        <dd>
          ${formatCount(flops)} operations on at least
          ${formatBytes(bytes)}${
            scratchBytes > 0 ? `, ${formatBytes(scratchBytes)} of scratch memory` : nothing
          }
        </dd>
      </dl>
    </section>
  `;
}

function spaceCard({ gpu, parameters, running, tuning }: LabState, actions: LabActions): TemplateResult {
  // What is timed while a search is on would be timed badly, and spoil it.
  const free = gpu.kind === 'open' && tuning.kind !== 'running';
  const idle = free && running === undefined;
  return html`
    <section class="card" aria-labelledby="space-title">
      <h3 id="space-title">Its parameters</h3>
      ${
        parameters.length === 0
          ? html`<p class="hint">This kernel has none.</p>`
          : html`<p class="hint">
              Values that cannot run beside the others are struck through. “Try all” times each of a
              parameter’s values.
            </p>`
      }
      ${parameters.map((parameter) => sliderView(parameter, idle, actions))}
      <div class="controls">
        <button
          type="button"
          ?disabled=${!free}
          @click=${() => (running === undefined ? actions.run() : actions.stop())}
        >
          ${running === undefined ? 'Run and check' : 'Stop'}
        </button>
        <p class="status" role="status">${running === undefined ? '' : `Running ${running}`}</p>
      </div>
    </section>
  `;
}

function sliderView(parameter: Parameter, idle: boolean, actions: LabActions): TemplateResult {
  const { name, value, values } = parameter;
  const index = values.findIndex((candidate) => candidate.value === value);
  const set = (event: Event): void => {
    const next = values[Number((event.target as HTMLInputElement).value)]!;
    if (next.legal) actions.choose({ config: { [name]: next.value } });
    else (event.target as HTMLInputElement).value = String(index);
  };
  return html`
    <div class="slider">
      <label for="slider-${name}"><code>${name}</code></label>
      <output>${index < 0 ? `${value} (not in the list)` : value}</output>
      <input
        id="slider-${name}"
        type="range"
        min="0"
        max=${values.length - 1}
        step="1"
        .value=${String(Math.max(0, index))}
        aria-valuetext=${String(value)}
        @change=${set}
      />
      <ol aria-hidden="true">
        ${values.map(
          (each) =>
            html`<li class=${each.legal ? '' : 'illegal'} ?data-now=${each.value === value}>
              ${each.value}
            </li>`,
        )}
      </ol>
      <button
        type="button"
        class="quiet"
        ?disabled=${!idle}
        aria-label="Try all values of ${name}"
        @click=${() => actions.run(parameter)}
      >
        Try all
      </button>
    </div>
  `;
}

function attemptsCard({ gpu, attempts, chosen }: LabState): TemplateResult {
  const software = gpu.kind === 'open' && gpu.device.capabilities.software;
  const times = attempts.flatMap(({ outcome }) => outcome?.timing?.medianNs ?? []);
  const best = Math.min(...times);
  const slowest = Math.max(...times);
  return html`
    <section class="card" aria-labelledby="attempts-title">
      <h3 id="attempts-title">What was tried</h3>
      ${
        attempts.length === 0
          ? html`<p class="hint">Nothing yet: run the kernel, move a slider, run it again.</p>`
          : nothing
      }
      ${
        software
          ? html`<p class="hint">
              Times of a processor that stands in for a GPU: they say nothing of any GPU.
            </p>`
          : nothing
      }
      ${
        attempts.length > 0
          ? html`<div class="table-frame">
              <table class="attempts" role="table" aria-label="What was tried, the latest first">
                <thead role="rowgroup">
                  <tr role="row">
                    ${['Kernel', 'Config', 'Time', 'Throughput', 'Beside the best', 'Checked'].map(
                      (name) => html`<th role="columnheader" scope="col">${name}</th>`,
                    )}
                  </tr>
                </thead>
                <tbody role="rowgroup">
                  ${attempts.map((attempt) => attemptView(attempt, chosen, best, slowest))}
                </tbody>
              </table>
            </div>`
          : nothing
      }
    </section>
  `;
}

function attemptView(
  { kernel, config, outcome, fault }: Attempt,
  chosen: Chosen,
  best: number,
  slowest: number,
): TemplateResult {
  const medianNs = outcome?.timing?.medianNs;
  const rate =
    outcome && medianNs !== undefined
      ? rateText(chosen.kind.workload(chosen.sizes, chosen.dtype), outcome.explanation, medianNs)
      : '–';
  return html`
    <tr class="row" role="row">
      <th role="rowheader" scope="row"><code>${kernel}</code></th>
      <td role="cell" data-label="Config">${describeConfig(config) || 'none'}</td>
      <td role="cell" data-label="Time" class="number">
        ${medianNs === undefined ? '–' : formatDuration(medianNs)}
      </td>
      <td role="cell" data-label="Throughput" class="number">${rate}</td>
      <td role="cell" data-label="Beside the best" class="number">
        ${
          medianNs === undefined
            ? '–'
            : html`<span class="share-bar" style="--share: ${medianNs / slowest}"></span> ${
                  medianNs === best ? 'best' : `${(medianNs / best).toFixed(2)} ×`
                }`
        }
      </td>
      <td role="cell" data-label="Checked">
        ${
          outcome?.comparison.passed === true
            ? html`<span class="verdict good">OK</span>`
            : html`<span class="verdict bad">${outcome ? 'WRONG' : 'failed'}</span> ${fault}`
        }
      </td>
    </tr>
  `;
}

function textCard({ inspection }: LabState): TemplateResult {
  const passes = inspection!.plan.passes;
  const distinct = passes.filter(
    ({ code }, index) => passes.findIndex((pass) => pass.code === code) === index,
  );
  return html`
    <section class="card" aria-labelledby="text-title">
      <h3 id="text-title">Its WGSL, as the driver gets it</h3>
      <p class="hint">
        The first lines are what this config and these types filled in; sizes of the problem are parameters,
        so one shader serves all of them.
      </p>
      ${distinct.map(
        ({ label, code }, index) => html`
          <details ?open=${index === 0}>
            <summary><code>${label}</code>, ${formatCount(code.split('\n').length)} lines</summary>
            ${codeView(code)}
          </details>
        `,
      )}
    </section>
  `;
}

/** The lines that the host wrote stand out: they end where the first file begins. */
function codeView(code: string): TemplateResult {
  const lines = code.split('\n');
  const filledIn = lines.findIndex((line) => line.startsWith('// '));
  return html`<pre
    tabindex="0"
    role="region"
    aria-label="Text of the shader"
  ><code><span class="filled-in">${lines.slice(0, filledIn).join('\n')}</span>
${lines.slice(filledIn).join('\n')}</code></pre>`;
}
