// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import carryNone from '../../../shaders/lib/carry/none.wgsl?raw';
import carryPrefix from '../../../shaders/lib/carry/prefix.wgsl?raw';
import emitStateElement from '../../../shaders/lib/emitState/element.wgsl?raw';
import emitStatePrefix from '../../../shaders/lib/emitState/prefix.wgsl?raw';
import emitStateTotal from '../../../shaders/lib/emitState/total.wgsl?raw';
import linesRows from '../../../shaders/lib/lines/rows.wgsl?raw';
import linesSegments from '../../../shaders/lib/lines/segments.wgsl?raw';
import scanSourceElements from '../../../shaders/lib/scanSource/elements.wgsl?raw';
import scanSourceStates from '../../../shaders/lib/scanSource/states.wgsl?raw';
import scannedElements from '../../../shaders/lib/scanned/elements.wgsl?raw';
import scannedTotal from '../../../shaders/lib/scanned/total.wgsl?raw';

/** `firstCarry(task)`: what a task of a scan starts from; `prefix` declares binding 3. */
export const carry: Readonly<Record<'none' | 'prefix', ShaderPart>> = {
  none: { path: 'lib/carry/none.wgsl', code: carryNone },
  prefix: { path: 'lib/carry/prefix.wgsl', code: carryPrefix },
};

/** `emitQuad(line, i, before, states)` and `emitTotal(task, total)`: what a scan stores; `total` declares binding 2. */
export const scanned: Readonly<Record<'elements' | 'total', ShaderPart>> = {
  elements: { path: 'lib/scanned/elements.wgsl', code: scannedElements },
  total: { path: 'lib/scanned/total.wgsl', code: scannedTotal },
};

/** `Line`, `lineOf(task)` and `tilesOf(line, tile, place)`; `segments` declares binding 3. */
export const lines: Readonly<Record<'rows' | 'segments', ShaderPart>> = {
  rows: { path: 'lib/lines/rows.wgsl', code: linesRows },
  segments: { path: 'lib/lines/segments.wgsl', code: linesSegments },
};

/** `stateAt(line, i)`; declares binding 1. */
export const scanSource: Readonly<Record<'elements' | 'states', ShaderPart>> = {
  elements: { path: 'lib/scanSource/elements.wgsl', code: scanSourceElements },
  states: { path: 'lib/scanSource/states.wgsl', code: scanSourceStates },
};

/** `emitState(line, i, before, after)` and `emitTotal(task, total)`: what a scan of states stores; declares binding 2. */
export const emitState: Readonly<Record<'element' | 'prefix' | 'total', ShaderPart>> = {
  element: { path: 'lib/emitState/element.wgsl', code: emitStateElement },
  prefix: { path: 'lib/emitState/prefix.wgsl', code: emitStatePrefix },
  total: { path: 'lib/emitState/total.wgsl', code: emitStateTotal },
};
