import { CONSTANTS } from './constants.ts';
import type { Hardware } from './hardware.ts';

/**
 * Time to move bytes: from memory, or from the last-level cache where work is repeated on data that it holds. A working set of
 * up to its size is all hits; beyond, hits fade out and are gone at twice the size.
 *
 * @param efficiency share of the memory bandwidth that this pattern of access reaches
 * @param repeatedBytes working set that is read again and again; 0 when all of it comes from memory
 */
export function memoryNs(
  bytes: number,
  hardware: Hardware,
  efficiency: number,
  repeatedBytes = 0,
): { readonly ns: number; readonly hitShare: number } {
  const { bytesPerNs, processors, clockPerNs, cacheBytes } = hardware;
  if (bytesPerNs === undefined) return { ns: 0, hitShare: 0 };
  const fromMemory = bytes / bytesPerNs / efficiency;
  if (repeatedBytes <= 0 || cacheBytes === undefined || processors === undefined || clockPerNs === undefined)
    return { ns: fromMemory, hitShare: 0 };
  const hitShare = Math.min(1, Math.max(0, 2 - repeatedBytes / cacheBytes));
  const cacheBytesPerNs = Math.max(bytesPerNs, CONSTANTS.cacheBytesPerClock.value * processors * clockPerNs);
  return { ns: fromMemory * (1 - hitShare) + (bytes / cacheBytesPerNs) * hitShare, hitShare };
}
