// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import compactedPositions from '../../../shaders/lib/compacted/positions.wgsl?raw';
import compactedValues from '../../../shaders/lib/compacted/values.wgsl?raw';

/** `keep(to, i)` and `keepNothing(to)`; declares binding 3, `values` 4 as well. */
export const compacted: Readonly<Record<'values' | 'positions', ShaderPart>> = {
  values: { path: 'lib/compacted/values.wgsl', code: compactedValues },
  positions: { path: 'lib/compacted/positions.wgsl', code: compactedPositions },
};
