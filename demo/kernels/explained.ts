import { html, type TemplateResult } from 'lit';
import type { Explanation } from 'tilewise';
import { formatBandwidth, formatCount, formatFlops } from '../format.ts';
import { familyOf } from '../workloads/families.ts';
import type { Workload } from '../workloads/workload.ts';

/** `tileM 64, tileN 32`; empty for a kernel without parameters. */
export const describeConfig = (config: Explanation['config']): string =>
  Object.entries(config)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** Why a kernel was chosen, and others were not: entries of a list of definitions. */
export function reasonsView({ reason, passedOver }: Explanation): TemplateResult {
  return html`
    <dt>Chosen because</dt>
    <dd>${reason}</dd>
    ${passedOver.map(
      ({ kernel, why }) =>
        html`<dt>Passed over: ${kernel}</dt>
          <dd>${why}</dd>`,
    )}
  `;
}

/** What a kernel dispatches: entries of a list of definitions. */
export function dispatchesView({ passes }: Explanation): TemplateResult {
  return html`${passes.map(
    ({ label, workgroups }) =>
      html`<dt>Dispatch ${label}</dt>
        <dd>${workgroups.map(formatCount).join(' × ')} workgroups</dd>`,
  )}`;
}

/** How fast a workload was done, in what its family's rates are given in. */
export function rateText(workload: Workload, { flops, bytes }: Explanation, durationNs: number): string {
  return familyOf(workload).rate(workload) === 'flops'
    ? formatFlops((flops / durationNs) * 1e9)
    : formatBandwidth((bytes / durationNs) * 1e9);
}
