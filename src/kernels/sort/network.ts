import { part } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** `slots` and `sortSlots(length, local)`. */
export const networkPart = part(sortTexts, 'sort/network');

/** Bytes of a key and a position. */
export const PAIR_BYTES = 8;

/** What the network needs of the shader that it is in, to sort `slots` pairs, a power of two. */
export function networkConstants(slots: number, workgroupSize: number): Readonly<Record<string, number>> {
  return { SLOTS: slots, WORKGROUP_SIZE: workgroupSize };
}
