// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { segmentReduceTexts } from '../texts.ts';

/** `placeIn(i)` and `storeSegment(result, state, count)`, of all elements or of those that are bound; declare binding 3. */
export const segmentStretch = variants(segmentReduceTexts, 'lib/segmentStretch', ['whole', 'slice']);
