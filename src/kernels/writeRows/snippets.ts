// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import rowAngleHalves from '../../../shaders/lib/rowAngle/halves.wgsl?raw';
import rowAngleInterleaved from '../../../shaders/lib/rowAngle/interleaved.wgsl?raw';
import rowAngleNone from '../../../shaders/lib/rowAngle/none.wgsl?raw';
import rowStoreElements from '../../../shaders/lib/rowStore/elements.wgsl?raw';
import rowStoreInt8 from '../../../shaders/lib/rowStore/int8.wgsl?raw';

/** `pairOf(d)` and `angleOf(at)` of rotary embedding; `halves` and `interleaved` declare bindings 5 and 6. */
export const rowAngle: Readonly<Record<'none' | 'halves' | 'interleaved', ShaderPart>> = {
  none: { path: 'lib/rowAngle/none.wgsl', code: rowAngleNone },
  halves: { path: 'lib/rowAngle/halves.wgsl', code: rowAngleHalves },
  interleaved: { path: 'lib/rowAngle/interleaved.wgsl', code: rowAngleInterleaved },
};

/** `UNIT` and `storeUnit(source, unit, to)`; declares binding 2, `int8` also 3. */
export const rowStore: Readonly<Record<'elements' | 'int8', ShaderPart>> = {
  elements: { path: 'lib/rowStore/elements.wgsl', code: rowStoreElements },
  int8: { path: 'lib/rowStore/int8.wgsl', code: rowStoreInt8 },
};
