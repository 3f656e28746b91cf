import type { Capabilities } from '../runtime/capabilities.ts';

/** Bytes of a load of four words. */
const LOAD_BYTES = 16;

/** Bytes of a line of a processor's caches. */
const LINE_BYTES = 64;

/** Bytes from which on a row is long: as many as a page has. */
const LONG_BYTES = 2 ** 12;

/**
 * Most invocations that should share a row of so many bytes on a processor, where they are lanes of a vector: no more than a subgroup
 * has, since barriers are what a processor is slow at; of a long row no more than load a line of its caches together, so that a
 * subgroup reads several rows at once, which keeps more of the memory's requests under way.
 */
export function processorLanes(rowBytes: number, { subgroups }: Capabilities): number {
  const subgroup = subgroups?.minSize ?? 8;
  return rowBytes < LONG_BYTES ? subgroup : Math.min(subgroup, LINE_BYTES / LOAD_BYTES);
}
