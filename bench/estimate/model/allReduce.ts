import type { Parameters } from './parameters.ts';

/**
 * Time of an all-reduce of `bytes` over `count` accelerators: 2 (count - 1) steps of a latency each, and 2 (count - 1) / count of the message over each one's
 * links (ring; a switch that adds up in the network reaches about as much of the bus bandwidth in the published points).
 *
 * @param linkBytesPerNs of one accelerator in one direction
 */
export function allReduceNs(
  bytes: number,
  count: number,
  linkBytesPerNs: number,
  { allReduceNs: latencyNs, allReduceShare }: Pick<Parameters, 'allReduceNs' | 'allReduceShare'>,
): number {
  if (count <= 1) return 0;
  return 2 * (count - 1) * latencyNs + (bytes * 2 * (count - 1)) / count / (linkBytesPerNs * allReduceShare);
}

/**
 * Bandwidth of one accelerator's links in one direction, in bytes a nanosecond, from the data sheet's words: "NVLink 4, 900 GB/s
 * both directions", "xGMI 448 GB/s per direction", "PCIe 4.0 x16". `undefined` where they give no figure.
 */
export function linkBytesPerNs(interconnect: string | undefined): number | undefined {
  if (interconnect === undefined) return undefined;
  const [, rate, rest = ''] = /([\d.]+) GB\/s([^;]*)/.exec(interconnect) ?? [];
  if (rate !== undefined) return rest.includes('per direction') ? Number(rate) : Number(rate) / 2;
  const [, generation] = /PCIe (\d)/.exec(interconnect) ?? [];
  // PCI-SIG: 8 GT/s a lane in generation 3, doubling with each, 128b/130b; 16 lanes.
  return generation === undefined ? undefined : ((8 * 2 ** (Number(generation) - 3)) / 8) * 16 * (128 / 130);
}
