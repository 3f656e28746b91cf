import { scanRows, type ScanProblem } from '../../reference/scan.ts';
import { u32, type Params } from '../../runtime/params.ts';
import { part } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(scanTexts, 'scan/params');

/** Cuts each row into `parts` of `chunk` elements; the last may be shorter, or empty. */
export interface Cut {
  readonly parts: number;
  readonly chunk: number;
}

/** The uniform block of every scan kernel. */
export function scanParams(
  problem: ScanProblem,
  { parts, chunk }: Cut,
  { patience = 0, first = 0, slice = 0 } = {},
): Params {
  return {
    rows: u32(scanRows(problem)),
    length: u32(problem.length),
    inner: u32(problem.inner),
    parts: u32(parts),
    chunk: u32(chunk),
    exclusive: u32(Number(problem.exclusive)),
    reverse: u32(Number(problem.reverse)),
    patience: u32(patience),
    first: u32(first),
    slice: u32(slice),
  };
}
