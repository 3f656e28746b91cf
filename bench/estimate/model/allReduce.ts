import { CONSTANTS } from './constants.ts';
import type { Parameters } from './parameters.ts';

/** What joins accelerators. */
export interface Link {
  /** Of one accelerator in one direction. */
  readonly bytesPerNs: number;
  /** Over PCIe: all messages go through the host's bridges and memory. */
  readonly throughHost: boolean;
}

/**
 * Time of an all-reduce of `bytes` over `count` accelerators: 2 (count - 1) steps of a latency each, and 2 (count - 1) / count of the message over each one's
 * links (ring; a switch that adds up in the network reaches about as much of the bus bandwidth in the published points).
 */
export function allReduceNs(
  bytes: number,
  count: number,
  link: Link,
  parameters: Pick<Parameters, 'allReduceNs' | 'allReduceShare'>,
): number {
  if (count <= 1) return 0;
  const reached = link.bytesPerNs * linkShare(link, parameters);
  return 2 * (count - 1) * parameters.allReduceNs + (bytes * 2 * (count - 1)) / count / reached;
}

/** Share of the links' bandwidth that an all-reduce reaches. */
export function linkShare(
  { throughHost }: Link,
  { allReduceShare }: Pick<Parameters, 'allReduceShare'>,
): number {
  return throughHost ? CONSTANTS.hostLinkShare.value : allReduceShare;
}

/**
 * The links of an accelerator from the data sheet's words: "NVLink 4, 900 GB/s both directions", "xGMI 448 GB/s per direction", "PCIe 4.0
 * x16". `undefined` where they give no figure.
 */
export function linkOf(interconnect: string | undefined): Link | undefined {
  if (interconnect === undefined) return undefined;
  const [, rate, rest = ''] = /([\d.]+) GB\/s([^;]*)/.exec(interconnect) ?? [];
  if (rate !== undefined) {
    return {
      bytesPerNs: rest.includes('per direction') ? Number(rate) : Number(rate) / 2,
      throughHost: false,
    };
  }
  const [, generation] = /PCIe (\d)/.exec(interconnect) ?? [];
  // PCI-SIG: 8 GT/s a lane in generation 3, doubling with each, 128b/130b; 16 lanes.
  return generation === undefined
    ? undefined
    : { bytesPerNs: ((8 * 2 ** (Number(generation) - 3)) / 8) * 16 * (128 / 130), throughHost: true };
}
