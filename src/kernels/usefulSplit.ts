import type { Capabilities } from '../runtime/capabilities.ts';

/**
 * Parts that keep the device busy: a data-centre GPU holds about 2^18 invocations at a time, a processor's cores need some
 * 2^12. A part must be worth its share of a second pass.
 *
 * @param invocations that run without any cut
 * @param bytesEach that each of them reads then
 */
export function usefulSplit(caps: Capabilities, invocations: number, bytesEach: number): number {
  const busy = caps.software ? 2 ** 12 : 2 ** 18;
  const worthwhileBytes = caps.software ? 2 ** 12 : 2 ** 7;
  return Math.max(1, Math.floor(Math.min(busy / invocations, bytesEach / worthwhileBytes)));
}
