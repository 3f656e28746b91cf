import { html, nothing, type TemplateResult } from 'lit';
import type { Capabilities } from 'tilewise';
import { formatBytes, formatDuration } from '../format.ts';
import { sentence } from '../text.ts';
import type { Gpu } from './session.ts';
import { isCoarse, type Timer } from './timer.ts';

/** What the visitor's GPU is and can do, or what keeps the page from using it. */
export function gpuView(gpu: Gpu): TemplateResult {
  return html`
    <section class="card gpu" aria-labelledby="gpu-title" aria-busy=${gpu.kind === 'opening'}>
      <h3 id="gpu-title">Your GPU</h3>
      ${content(gpu)}
    </section>
  `;
}

function content(gpu: Gpu): TemplateResult {
  if (gpu.kind === 'opening') return html`<p class="adapter">Looking for a GPU…</p>`;
  if (gpu.kind === 'open') return adapter(gpu.device.capabilities, gpu.timer);
  if (gpu.kind === 'lost') {
    return html`
      <p class="adapter">The GPU is gone</p>
      <p class="notice" data-kind="lost" role="alert">
        ${sentence(gpu.message)} Rows that had finished stay in the table.
      </p>
    `;
  }
  return html`
    <p class="adapter">No WebGPU here</p>
    <p class="notice" data-kind="missing">
      ${sentence(gpu.message)} Instead this page runs small shapes on the CPU path, which every GPU result is
      checked against elsewhere. Estimates need no GPU.
    </p>
  `;
}

function adapter(capabilities: Capabilities, timer: Timer): TemplateResult {
  const { f16, subgroups, subgroupMatrixConfigs, limits, software } = capabilities;
  const facts: readonly (readonly [string, string])[] = [
    ['Half precision', f16 ? 'yes, f16' : 'no (shader-f16 is missing)'],
    ['Subgroups', subgroups ? sizes(subgroups) : 'none'],
    ['Subgroup matrices', subgroupMatrixConfigs.length > 0 ? 'yes' : 'none'],
    ['Invocations a workgroup', String(limits.maxComputeInvocationsPerWorkgroup)],
    ['Workgroup memory', formatBytes(limits.maxComputeWorkgroupStorageSize)],
    ['Largest binding', formatBytes(limits.maxStorageBufferBindingSize)],
    ['Clock', timer.clock === 'gpu' ? 'GPU timestamps' : 'this page’s, around a loop'],
    ['Clock step', formatDuration(timer.stepNs)],
  ];
  return html`
    <p class="adapter">${adapterName(capabilities)}</p>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    ${
      software
        ? html`<p class="notice" data-kind="software">
            This adapter is a processor that stands in for a GPU. It shows that the results are right; its
            times say nothing of any GPU.
          </p>`
        : nothing
    }
    ${
      isCoarse(timer)
        ? html`<p class="hint">
            This clock moves in steps of ${formatDuration(timer.stepNs)}, so every operation is repeated until
            a sample is at least a hundred steps long.
          </p>`
        : nothing
    }
  `;
}

/** Browsers leave most of the names empty. */
function adapterName({ adapter }: Capabilities): string {
  const { vendor, architecture, device, description } = adapter;
  return (
    description || [vendor, architecture, device].filter((part) => part !== '').join(' ') || 'Unnamed adapter'
  );
}

const sizes = ({ minSize, maxSize }: { readonly minSize: number; readonly maxSize: number }): string =>
  minSize === maxSize ? `of ${minSize}` : `of ${minSize} to ${maxSize}`;
