// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { writeRowsTexts } from '../texts.ts';

/** `pairOf(d)` and `angleOf(at)` of rotary embedding; `halves` and `interleaved` declare bindings 5 and 6. */
export const rowAngle = variants(writeRowsTexts, 'lib/rowAngle', ['none', 'halves', 'interleaved']);

/** `storeUnit(source, unit, to)`, for any `UNIT`; declares binding 2, `int8` also 3. */
export const rowStore = variants(writeRowsTexts, 'lib/rowStore', ['elements', 'int8']);
