// What kernels know of processors, for software adapters.
import type { Capabilities } from '../runtime/capabilities.ts';

/** The last cache of most processors holds no more. */
export const LAST_CACHE_BYTES = 2 ** 25;

/** Bytes of the memory that an entry of a processor's address translation covers. */
export const PAGE_BYTES = 2 ** 12;

/** Bytes of a load of four words. */
const LOAD_BYTES = 16;

/** Bytes of a line of a processor's caches. */
const LINE_BYTES = 64;

/**
 * Most invocations that should share a row of so many bytes on a processor, where they are lanes of a vector: no more than a subgroup
 * has, since barriers are what a processor is slow at; of a row as long as a page no more than load a line of its caches together, so that a
 * subgroup reads several rows at once, which keeps more of the memory's requests under way.
 */
export function processorLanes(rowBytes: number, { subgroups }: Capabilities): number {
  const subgroup = subgroups?.minSize ?? 8;
  return rowBytes < PAGE_BYTES ? subgroup : Math.min(subgroup, LINE_BYTES / LOAD_BYTES);
}
