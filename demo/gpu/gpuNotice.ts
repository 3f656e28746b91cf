import { html, nothing, type TemplateResult } from 'lit';
import { sentence } from '../text.ts';
import type { Gpu } from './session.ts';

/**
 * Says why there is no GPU, or that it was lost and how to go on; nothing while there is one.
 *
 * @param instead what the view does without a GPU
 */
export function gpuNotice(gpu: Gpu, reopen: () => void, instead: string): TemplateResult | typeof nothing {
  if (gpu.kind === 'lost') {
    return html`<div class="notice" role="alert" data-kind="lost">
      <p>${sentence(gpu.message)}</p>
      <button type="button" @click=${reopen}>Open the GPU again</button>
    </div>`;
  }
  if (gpu.kind !== 'missing') return nothing;
  return html`<p class="notice" data-kind="missing">${sentence(gpu.message)} ${instead}</p>`;
}
