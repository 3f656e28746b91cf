// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import { variants } from '../../wgsl/part.ts';
import { sortTexts } from '../texts.ts';

/** `pairAt(row, i)`: what a sort works on, of the elements or of an earlier pass; declares binding 1. */
export const sortSource = variants(sortTexts, 'lib/sortSource', ['elements', 'pairs']);

/** `storeSorted(row, rank, pair)`; declares bindings 2 to 4, `values` 2 and 3, `indices` and `pairs` 2 alone. */
export const sorted = variants(sortTexts, 'lib/sorted', ['pairs', 'both', 'values', 'indices']);
