import { html, nothing, render, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { formatDuration, formatPercent } from '../format.ts';
import type { Mount } from '../frame/view.ts';
import { gpuNotice } from '../gpu/gpuNotice.ts';
import { takeDrops } from '../model/drops.ts';
import type { Choice } from '../model/languageModel.ts';
import { INITIAL, Studio } from '../model/studio.ts';
import './model.css';

/** A language model that writes with these kernels alone. */
export const mount: Mount = (root, page) => {
  let studio: Studio | undefined;
  let state = INITIAL;
  let layer = 0;
  let query = Infinity;
  let over = false;
  const show = (): void => {
    render(view(), root);
  };

  const field = (name: string): HTMLInputElement => root.querySelector<HTMLInputElement>(`[name=${name}]`)!;
  const number = (name: string): number => field(name).valueAsNumber;
  const start = (event: Event): void => {
    event.preventDefault();
    if (state.busy) {
      studio?.stop();
      return;
    }
    query = Infinity;
    const choice: Choice =
      field('choice').value === 'greedy'
        ? { kind: 'greedy' }
        : {
            kind: 'sampled',
            temperature: number('temperature'),
            topK: number('topK'),
            topP: number('topP'),
            seed: number('seed'),
          };
    void studio?.write(field('prompt').value, number('count'), choice);
  };
  const take = (files: Iterable<File> | null | undefined): void => void studio?.open([...(files ?? [])]);

  const numberField = (
    name: string,
    label: string,
    value: number,
    least: number,
    most: number,
    step: number,
  ): TemplateResult =>
    html`<label
      >${label}
      <input
        type="number"
        name=${name}
        .defaultValue=${String(value)}
        min=${least}
        max=${most}
        step=${step}
        required
      />
    </label>`;

  const view = (): TemplateResult => html`
    ${gpuNotice(state.gpu, () => studio?.reopen(), 'The model runs on the CPU path instead, more slowly.')}
    <section class="card" aria-labelledby="write-title">
      <h3 id="write-title">Write</h3>
      <p class="hint">${state.model}</p>
      <form @submit=${start}>
        <label class="prompt-field"
          >Prompt <textarea name="prompt" rows="2" .defaultValue=${'In the beginning'}></textarea>
        </label>
        <div class="choices">
          <label
            >Next token
            <select name="choice">
              <option value="sampled">drawn (sampled)</option>
              <option value="greedy">the likeliest (greedy)</option>
            </select>
          </label>
          ${numberField('count', 'Tokens', 80, 1, 1000, 1)}
          ${numberField('temperature', 'Temperature', 0.8, 0.05, 5, 0.05)}
          ${numberField('topK', 'Top k', 40, 1, 1_000_000, 1)}
          ${numberField('topP', 'Top p', 0.95, 0.01, 1, 0.01)} ${numberField('seed', 'Seed', 1, 0, 1e9, 1)}
        </div>
        <div class="controls">
          <button type="submit" ?disabled=${!state.writing && (state.busy || !state.loaded)}>
            ${state.writing ? 'Stop' : 'Generate'}
          </button>
          <p class="status" role="status">${state.status} ${state.speed}</p>
        </div>
      </form>
      ${state.fault === '' ? nothing : html`<p class="notice" role="alert">${state.fault}</p>`}
      <p class="written" data-testid="written">
        <span class="prompt">${state.prompt}</span><span class="made">${state.text}</span>
      </p>
    </section>
    ${kernels()} ${attention()}
    <section class="card" aria-labelledby="own-title">
      <h3 id="own-title">Your model</h3>
      <div class=${over ? 'drop over' : 'drop'}>
        <label
          >Drop on this page, or choose, the files of a GPT-2 or Llama-type model: its .safetensors,
          tokenizer.json (or vocab.json and merges.txt) and config.json. They stay on this machine.
          <input
            type="file"
            multiple
            accept=".safetensors,.json,.txt"
            ?disabled=${state.busy}
            @change=${(event: Event) => take((event.target as HTMLInputElement).files)}
          />
        </label>
      </div>
    </section>
  `;

  const kernels = (): TemplateResult | typeof nothing => {
    if (state.kernels.length === 0) return nothing;
    const software = state.gpu.kind === 'open' && state.gpu.device.capabilities.software;
    return html`<section class="card" aria-labelledby="kernels-title">
      <h3 id="kernels-title">Time of each kernel, for one token</h3>
      ${software ? html`<p class="hint">This adapter is a processor: its times say nothing of a GPU.</p>` : nothing}
      <table role="table" aria-labelledby="kernels-title">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">Kernel</th>
            <th scope="col" role="columnheader">Dispatches</th>
            <th scope="col" role="columnheader">Time</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${state.kernels.map(
            ({ label, count, durationNs }) =>
              html`<tr class="row" role="row">
                <td role="cell" data-label="Kernel">${label}</td>
                <td role="cell" class="number" data-label="Dispatches">${count}</td>
                <td role="cell" class="number" data-label="Time">${formatDuration(durationNs)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`;
  };

  const attention = (): TemplateResult | typeof nothing => {
    const { maps } = state;
    if (!maps) return nothing;
    const tokens = maps.pieces.length;
    const weights = maps.layers[Math.min(layer, maps.layers.length - 1)]!;
    const heads = weights.length / tokens ** 2;
    const row = Math.min(query, tokens - 1);
    const shares = maps.pieces.map((_, key) => {
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += weights[(head * tokens + row) * tokens + key]!;
      return sum / heads;
    });
    return html`<section class="card" aria-labelledby="attention-title">
      <h3 id="attention-title">Where each token looks</h3>
      <div class="choices attention-choices">
        <label
          >Layer
          <select
            @change=${(event: Event) => {
              layer = (event.target as HTMLSelectElement).selectedIndex;
              show();
            }}
          >
            ${maps.layers.map((_, index) => html`<option ?selected=${index === layer}>${index + 1}</option>`)}
          </select>
        </label>
        <label
          >Token ${row + 1} of ${tokens}
          <input
            type="range"
            min="0"
            max=${tokens - 1}
            .value=${String(row)}
            @input=${(event: Event) => {
              query = (event.target as HTMLInputElement).valueAsNumber;
              show();
            }}
          />
        </label>
      </div>
      <p class="tokens">
        ${maps.pieces.map(
          (piece, key) =>
            html`<mark
              title=${formatPercent(shares[key]!)}
              style=${`background: color-mix(in srgb, var(--accent) ${Math.round(60 * Math.min(1, 2 * shares[key]!))}%, transparent);${key === row ? 'outline: 1px solid' : ''}`}
              >${piece}</mark
            >`,
        )}
      </p>
      <div class="heads">
        ${Array.from(
          { length: heads },
          (_, head) =>
            html`<figure>
              <canvas
                role="img"
                width=${tokens}
                height=${tokens}
                aria-label=${`Attention of head ${head + 1}: queries from top to bottom, keys from left to right`}
                ${ref((canvas) => draw(canvas, weights.subarray(head * tokens ** 2, (head + 1) * tokens ** 2), tokens))}
              ></canvas>
              <figcaption class="hint">Head ${head + 1}</figcaption>
            </figure>`,
        )}
      </div>
      <p class="hint">
        The text is shaded by how much the token chosen looks at each before it, on average over the heads. In
        the squares queries go from top to bottom, keys from left to right.
      </p>
    </section>`;
  };

  show();
  void page.gpu().then((session) => {
    studio = new Studio(session, (next) => {
      state = next;
      show();
    });
  });
  let endDrops: (() => void) | undefined;
  return {
    enter: () => {
      endDrops ??= takeDrops(take, (now) => {
        over = now;
        show();
      });
    },
    leave: () => {
      endDrops?.();
      endDrops = undefined;
    },
  };
};

function draw(canvas: Element | undefined, weights: Float32Array, tokens: number): void {
  const context = (canvas as HTMLCanvasElement | undefined)?.getContext('2d');
  if (!context) return;
  const image = context.createImageData(tokens, tokens);
  for (const [index, weight] of weights.entries()) {
    // Small weights are most of them: their roots can be told apart.
    image.data.set([13, 148, 136, Math.round(255 * Math.sqrt(weight))], index * 4);
  }
  context.putImageData(image, 0, 0);
}
