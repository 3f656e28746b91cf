// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { scanTexts } from '../texts.ts';

/** `firstCarry(task)`: what a task of a scan starts from; `prefix` declares binding 3, `border` 4. */
export const carry = variants(scanTexts, 'lib/carry', ['none', 'prefix', 'border']);

/** `emitQuad(line, i, before, states)`: what a scan stores of elements. */
export const scanned = variants(scanTexts, 'lib/scanned', ['elements', 'nothing']);

/** `emitTotal(task, total)`: what a scan stores of tasks; `stored` declares binding 2, and `border` needs that of `carry`. */
export const scanTotal = variants(scanTexts, 'lib/scanTotal', ['none', 'stored', 'border']);

/** `Line`, `lineOf(task)` and `tilesOf(line, tile, place)`; `segments` declares binding 3. */
export const lines = variants(scanTexts, 'lib/lines', ['rows', 'segments']);

/** `stateAt(line, i)`; declares binding 1. */
export const scanSource = variants(scanTexts, 'lib/scanSource', ['elements', 'states']);

/** `emitState(line, i, before, after)` and `emitTotal(task, total)`: what a scan of states stores; declares binding 2. */
export const emitState = variants(scanTexts, 'lib/emitState', ['element', 'prefix', 'total']);
