import { html, type TemplateResult } from 'lit';
import type { TuningRecord } from 'tilewise';
import { formatCount, formatDuration } from '../format.ts';
import { describeConfig } from './explained.ts';
import type { LabState } from './lab.ts';
import type { Tuning } from './tuning.ts';

/** What the card asks for. */
export interface TuningActions {
  readonly tune: () => void;
  readonly stopTuning: () => void;
}

/** Searches for the fastest kernel for problems like the one that is shown, and says what was found. */
export function tuningCard({ gpu, running, tuning }: LabState, actions: TuningActions): TemplateResult {
  const tunes = tuning.kind === 'running';
  return html`
    <section class="card" aria-labelledby="tuning-title">
      <h3 id="tuning-title">Tune it</h3>
      <p class="hint">
        For about 20 seconds other kernels and parameters are tried for problems of this class, and each
        result is checked. What is faster is kept in this browser and chosen from then on, after the GPU was
        opened anew.
      </p>
      <div class="controls">
        <button
          type="button"
          ?disabled=${!tunes && (gpu.kind !== 'open' || running !== undefined)}
          @click=${tunes ? actions.stopTuning : actions.tune}
        >
          ${tunes ? 'Stop tuning' : 'Tune on my GPU'}
        </button>
        <p class="status" role="status">${statusOf(tuning)}</p>
      </div>
      ${tuning.kind === 'tuned' ? outcomeView(tuning.record) : ''}
    </section>
  `;
}

function statusOf(tuning: Tuning): string {
  if (tuning.kind === 'running' || tuning.kind === 'ended') return tuning.words;
  if (tuning.kind === 'none') return '';
  const { outcomes, candidateCount } = tuning.record;
  return `Tuned: ${formatCount(outcomes.length)} of ${formatCount(candidateCount)} candidates tried.`;
}

/** What the library chose before and chooses now, with the times of both. */
function outcomeView({ outcomes, untuned, ranking }: TuningRecord): TemplateResult {
  const timeOf = ({ kernel, config }: TuningRecord['untuned']): number | undefined => {
    const key = describeConfig(config);
    const outcome = outcomes.find((each) => each.kernel === kernel && describeConfig(each.config) === key);
    return outcome && 'timeNs' in outcome ? outcome.timeNs.median : undefined;
  };
  const now = ranking[0]!;
  const [beforeNs, nowNs] = [timeOf(untuned), timeOf(now)];
  const line = ({ kernel, config }: TuningRecord['untuned'], timeNs: number | undefined): TemplateResult =>
    html`<code>${kernel}</code> ${describeConfig(config)}:
      <strong>${timeNs === undefined ? 'no time' : formatDuration(timeNs)}</strong>`;
  const same = now.kernel === untuned.kernel && describeConfig(now.config) === describeConfig(untuned.config);
  return html`
    <dl class="why">
      <dt>Before</dt>
      <dd>${line(untuned, beforeNs)}</dd>
      <dt>Now</dt>
      <dd>
        ${
          same
            ? 'the same: nothing is faster beyond noise'
            : html`${line(now, nowNs)}${
                beforeNs !== undefined && nowNs !== undefined
                  ? `, ${(beforeNs / nowNs).toFixed(2)} × as fast`
                  : ''
              }`
        }
      </dd>
    </dl>
  `;
}
