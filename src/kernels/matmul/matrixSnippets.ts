// The WGSL snippets of shaders/lib that only products on tensor cores use: apart from the others, since they are loaded with them.
import type { ShaderPart } from '../../wgsl/source.ts';
import { part, variants } from '../../wgsl/part.ts';
import { matmulIntegersTexts, matmulMatricesTexts, matmulQuantizedTexts } from '../texts.ts';

export const notSplit = part(matmulMatricesTexts, 'lib/notSplit');

/** `rowExponent`, `columnExponent`, `exponents4` and `wereSplit`; declares bindings 7 and 8. */
export const exponents = part(matmulMatricesTexts, 'lib/exponents');

/** As `shareAll`, of what was split and of the rest; `split` has no `takesAny`, and `rest` no `rescale4`. */
export const share = variants(matmulMatricesTexts, 'lib/share', ['split', 'rest']);

/** How many halves of an operand are fetched at once, as they lie in memory. */
export type HalvesWidth = 'eight' | 'four' | 'one';

/** `loadA8(offset, count)`; declares binding 1. */
export const halvesA: Readonly<Record<HalvesWidth, ShaderPart>> = variants(
  matmulMatricesTexts,
  'lib/halvesA',
  ['eight', 'four', 'one'],
);

/** `loadB8(offset, count)`; declares binding 2, except for weights in `blocks`, which it decodes and rounds to halves. */
export const halvesB: Readonly<Record<HalvesWidth | 'blocks', ShaderPart>> = {
  blocks: part(matmulQuantizedTexts, 'lib/halvesB/blocks'),
  eight: part(matmulMatricesTexts, 'lib/halvesB/eight'),
  four: part(matmulMatricesTexts, 'lib/halvesB/four'),
  one: part(matmulMatricesTexts, 'lib/halvesB/one'),
};

/** `loadLeft(part, row, p)`, by how lines of workgroup memory run. */
export const matrixA = variants(matmulMatricesTexts, 'lib/matrixA', ['alongK', 'acrossK']);

/** `loadRight(part, p, column)`, by how lines of workgroup memory run. */
export const matrixB = variants(matmulMatricesTexts, 'lib/matrixB', ['alongK', 'acrossK']);

/** `EIGHTS_PER_QUAD` and `stagedQuad(at)`, by type of the elements that are staged. */
export const stagedQuad = {
  halves: part(matmulMatricesTexts, 'lib/stagedQuad/halves'),
  bytes: part(matmulIntegersTexts, 'lib/stagedQuad/bytes'),
};
