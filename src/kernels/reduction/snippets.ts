// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { reductionTexts } from '../texts.ts';

/** `storeResult(o, state, count, divisor)`; `one` declares binding 2, `moments` 3 as well. */
export const storeResult = variants(reductionTexts, 'lib/storeResult', ['one', 'moments']);

/** `PACK` and `quadAt(bytes, quad)`, for elements of 32 and of 16 bits. */
export const pack = variants(reductionTexts, 'lib/pack', ['words', 'halves']);

/** `keptOffset(o)` and `reducedOffset(r)`. */
export const gridOffset = part(reductionTexts, 'lib/gridOffset');

/**
 * What an invocation makes of neighbouring columns: `WIDTH`, `Span`, `emptySpan()`, `combineSpans(p, q)`, `liftSpan(at, index)` and
 * `storeSpan(places, part, span)`; `four` expects `loadQuad`, the others declare binding 1.
 */
export const span = variants(reductionTexts, 'lib/span', ['four', 'two', 'one']);

/** `reduceColumns(starts, begin, end)`, for any `ROWS` and for a processor's single one; expect `spanAt` and `reduceFour`. */
export const columnWalk = variants(reductionTexts, 'lib/columnWalk', ['loops', 'runs']);
