// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { part, variants } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

/** `scaled(x, channels)` and `biased(x, channels)`; declares bindings 3 and 4. */
export const affine = variants(normTexts, 'lib/affine', ['aligned', 'scalar']);

/** `addResidual(x, at)`; but for `none` declares binding 5. */
export const quadResidual = variants(normTexts, 'lib/quadResidual', ['none', 'aligned', 'scalar']);

/** `storeSum(at, wanted, values)`; but for `none` declares binding 6. */
export const residualSum = variants(normTexts, 'lib/residualSum', ['none', 'aligned', 'scalar']);

/** `loadItem(at, end)`, `valuesOf(item)` and `rowSum(values, invocation)`. */
export const normItem = part(normTexts, 'lib/normItem');

/** `rowMoments(first, length, end, invocation)`, which expects the three of `normItem`. */
export const rowMoments = variants(normTexts, 'lib/rowMoments', ['kept', 'read']);
