import { html, nothing, type TemplateResult } from 'lit';
import type { Lesson, Settings } from './lesson.ts';
import { LESSONS, type PlayerState } from './player.ts';

export interface PlayerActions {
  readonly open: (lesson: Lesson) => void;
  readonly set: (settings: Settings) => void;
  readonly go: (step: number) => void;
  readonly play: () => void;
  readonly pause: () => void;
}

/** A lesson: its drawing, what it shows, and the means to step through it. */
export function playerView(state: PlayerState, actions: PlayerActions): TemplateResult {
  const { lesson, story, step, fault } = state;
  const scene = story?.scene(step);
  return html`
    <div class="lessons" role="group" aria-label="Algorithms">
      ${LESSONS.map(
        (each) => html`
          <button
            type="button"
            class="quiet"
            aria-pressed=${each === lesson ? 'true' : 'false'}
            @click=${() => actions.open(each)}
          >
            ${each.title}
          </button>
        `,
      )}
    </div>
    <section class="card" aria-labelledby="lesson-title">
      <h3 id="lesson-title">${lesson.title}</h3>
      <p>${lesson.lead}</p>
      ${fault === undefined ? nothing : html`<p class="notice" role="alert">${fault}</p>`}
      <div class="lesson">
        <svg
          class="drawing"
          viewBox=${lesson.viewBox}
          role="img"
          aria-label="${lesson.title}: ${scene?.words ?? ''}"
        >
          ${scene?.drawing}
        </svg>
        <div>
          ${settingsView(state, actions)} ${stepsView(state, actions)}
          <p class="words" aria-live="polite">${scene?.words ?? 'Working it through…'}</p>
          ${story?.summary(step)}
        </div>
      </div>
    </section>
  `;
}

function settingsView({ lesson, settings }: PlayerState, { set }: PlayerActions): TemplateResult {
  return html`
    <form class="choices" aria-label="Settings" @submit=${(event: Event) => event.preventDefault()}>
      ${lesson.settings.map(
        ({ name, label, options }) => html`
          <label>
            ${label}
            <select @change=${(event: Event) => set({ [name]: (event.target as HTMLSelectElement).value })}>
              ${options.map(
                (option) =>
                  html`<option value=${option.value} ?selected=${option.value === settings[name]}>
                    ${option.label}
                  </option>`,
              )}
            </select>
          </label>
        `,
      )}
    </form>
  `;
}

function stepsView(
  { story, step, playing }: PlayerState,
  { go, play, pause }: PlayerActions,
): TemplateResult {
  const steps = story?.steps ?? 0;
  return html`
    <div class="steps">
      <button type="button" class="quiet" ?disabled=${step === 0} @click=${() => go(step - 1)}>Back</button>
      <button type="button" class="quiet" ?disabled=${step >= steps} @click=${() => go(step + 1)}>
        Next
      </button>
      <button type="button" class="quiet play" @click=${playing ? pause : play}>
        ${playing ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        min="0"
        max=${steps}
        .value=${String(step)}
        aria-label="Step"
        aria-valuetext="Step ${step} of ${steps}"
        @input=${(event: Event) => go(Number((event.target as HTMLInputElement).value))}
      />
      <span class="hint" aria-hidden="true">${step} of ${steps}</span>
    </div>
  `;
}
