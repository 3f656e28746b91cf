// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import sortedBoth from '../../../shaders/lib/sorted/both.wgsl?raw';
import sortedIndices from '../../../shaders/lib/sorted/indices.wgsl?raw';
import sortedPairs from '../../../shaders/lib/sorted/pairs.wgsl?raw';
import sortedValues from '../../../shaders/lib/sorted/values.wgsl?raw';
import sortSourceElements from '../../../shaders/lib/sortSource/elements.wgsl?raw';
import sortSourcePairs from '../../../shaders/lib/sortSource/pairs.wgsl?raw';

/** `pairAt(row, i)`: what a sort works on, of the elements or of an earlier pass; declares binding 1. */
export const sortSource: Readonly<Record<'elements' | 'pairs', ShaderPart>> = {
  elements: { path: 'lib/sortSource/elements.wgsl', code: sortSourceElements },
  pairs: { path: 'lib/sortSource/pairs.wgsl', code: sortSourcePairs },
};

/** `storeSorted(row, rank, pair)`; declares bindings 2 to 4, `values` 2 and 3, `indices` and `pairs` 2 alone. */
export const sorted: Readonly<Record<'both' | 'values' | 'indices' | 'pairs', ShaderPart>> = {
  pairs: { path: 'lib/sorted/pairs.wgsl', code: sortedPairs },
  both: { path: 'lib/sorted/both.wgsl', code: sortedBoth },
  values: { path: 'lib/sorted/values.wgsl', code: sortedValues },
  indices: { path: 'lib/sorted/indices.wgsl', code: sortedIndices },
};
