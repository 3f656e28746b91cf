// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/source.ts';
import { part, variants } from '../../wgsl/part.ts';
import { matmulIntegersTexts, matmulQuantizedTexts, matmulTexts } from '../texts.ts';

export const tileOrder = part(matmulTexts, 'lib/tileOrder');

export const remaining = part(matmulTexts, 'lib/remaining');

export const transposeBytes = part(matmulIntegersTexts, 'lib/transposeBytes');

/** `Tile`: a part of a product; `tileOf(number, height, width)`: which one is made where. */
export const tile = variants(matmulTexts, 'lib/tile', ['place', 'dense', 'grouped']);

/**
 * `takes(tile, i, j)`: which elements a kernel makes; `takesAny(tile, height, width)` and `rescale4(tile, i, j, sums)`. There are
 * others where products of f32 are split.
 */
export const shareAll = part(matmulTexts, 'lib/share/all');

/** `columnOf(j)`: which column of b the j-th of the product is. */
export const columns = variants(matmulTexts, 'lib/columns', ['plain', 'gated']);

/** `emit4(tile, i, j, sums)`: what becomes of four sums of a product; `partial` declares binding 3. */
export const emit = variants(matmulTexts, 'lib/emit', ['partial', 'plain', 'gated', 'sums']);

/** `scaleA1(tile, i)`; `rows` declares binding 10. */
export const scaleA = variants(matmulTexts, 'lib/scaleA', ['none', 'rows']);

/** `scaleB4(tile, j)`; `columns` declares binding 11. */
export const scaleB = variants(matmulTexts, 'lib/scaleB', ['none', 'columns']);

/** `blockOfA(tile, i, p)` and `blockOfB(tile, p, j)`: 4 x 4 elements of an operand. */
export const block = variants(matmulTexts, 'lib/block', ['a', 'b']);

/** `bias4(tile, j)`; `columns` declares binding 4. */
export const bias = variants(matmulTexts, 'lib/bias', ['none', 'columns']);

/** Where a term of a product comes from. */
export type TermSource = 'none' | 'matrix' | 'inPlace';

/** `addend4(tile, i, j)`; `matrix` declares binding 5. */
export const addend: Readonly<Record<TermSource, ShaderPart>> = variants(matmulTexts, 'lib/addend', [
  'none',
  'matrix',
  'inPlace',
]);

/** `residual4(tile, i, j)`; `matrix` declares binding 6. */
export const residual: Readonly<Record<TermSource, ShaderPart>> = variants(matmulTexts, 'lib/residual', [
  'none',
  'matrix',
  'inPlace',
]);

/** How the elements of an operand are stored: as WGSL has them, two to a word, or four integers to a word. */
export type ElementStorage = 'plain' | 'pairs' | 'bytes';

const element = (operand: 'A' | 'B'): Readonly<Record<ElementStorage, ShaderPart>> => ({
  ...variants(matmulTexts, `lib/element${operand}`, ['plain', 'pairs']),
  ...variants(matmulIntegersTexts, `lib/element${operand}`, ['bytes']),
});

/** `elementA(index)`; declares binding 1. */
export const elementA = element('A');

/** `elementB(index)`; declares binding 2, except for weights in `blocks`. */
export const elementB: Readonly<Record<ElementStorage | 'blocks', ShaderPart>> = {
  ...element('B'),
  ...variants(matmulQuantizedTexts, 'lib/elementB', ['blocks']),
};

/**
 * How an operand of a product is read: element by element, four at a time, or eight of 16 bits at a time; integers of 8 bits
 * eight or four at a time, or four from anywhere.
 */
export type OperandWidth = 'elements' | 'vec4' | 'quads' | 'halves' | 'byteEights' | 'byteFours' | 'bytes';

const operand = (name: 'A' | 'B'): Readonly<Record<OperandWidth, ShaderPart>> => ({
  ...variants(matmulTexts, `lib/operand${name}`, ['elements', 'vec4', 'quads', 'halves']),
  ...variants(matmulIntegersTexts, `lib/operand${name}`, ['byteEights', 'byteFours', 'bytes']),
});

/** `loadA4(offset, count)` and `loadA8(offset, count)`, `halves` and `byteEights` the latter alone; all but `elements` declare binding 1. */
export const operandA = operand('A');

/** `loadB4(offset, count)` and `loadB8(offset, count)`, `halves` and `byteEights` the latter alone; all but `elements` and `blocks` declare binding 2. */
export const operandB: Readonly<Record<OperandWidth | 'blocks', ShaderPart>> = {
  ...operand('B'),
  ...variants(matmulQuantizedTexts, 'lib/operandB', ['blocks']),
};

/** Files of a folder for floats and for integers of 8 bits. */
const byType = (folder: string): Readonly<Record<'floats' | 'bytes', ShaderPart>> => ({
  ...variants(matmulTexts, folder, ['floats']),
  ...variants(matmulIntegersTexts, folder, ['bytes']),
});

/** `Block`, `Sums`, `blockOf(lines, alongK)`, `addOuter` and `addRow` of what `loadA4` and `loadB4` give. */
export const blockProducts = byType('lib/blockProducts');

/** `dot8(a, b)` of what `loadA8` and `loadB8` give. */
export const dot8 = byType('lib/dot8');

/** `Sums8` and `addLines(sums, a, b0, b1, b2, b3)` of what `loadA4` and `loadB8` give. */
export const addLines = byType('lib/addLines');

/** `PIECE`, `PieceB`, `loadPieceB(offset, count)`, `pieceB8(piece, part)` and `pieceFactor(piece)`. */
export const pieceB = {
  plain: part(matmulTexts, 'lib/pieceB/plain'),
  blocks: part(matmulQuantizedTexts, 'lib/pieceB/blocks'),
};

/** Quantised weights before scaling: `weights4` and `weights8(offset, zero)`, `pieceWeights8(words, part, zero)`; declares binding 2. */
export const weights = variants(matmulQuantizedTexts, 'lib/weights', ['nibbles', 'bytes']);

/** `decodeByte4(word, zero)`: four codes of a byte each. */
export const decodeByte4 = variants(matmulQuantizedTexts, 'lib/decodeByte4', ['int8', 'e4m3', 'e5m2']);

/** `integersFrom(zero, codes)`. */
export const integersFrom = part(matmulQuantizedTexts, 'lib/integersFrom');

/** `scaleBlockOf(offset)`: which block a weight is in. */
export const scaleBlock = variants(matmulQuantizedTexts, 'lib/scaleBlock', ['size', 'row']);

/** `scaleOf(block)`; declares binding 7. */
export const scaleOf = part(matmulQuantizedTexts, 'lib/scaleOf');

/** `zeroOf(block)`; `blocks` declares binding 8. */
export const zeroOf = variants(matmulQuantizedTexts, 'lib/zeroOf', ['fixed', 'blocks']);

/** `storeC4(offset, count, values)` and `loadC4(offset, count)`; declares binding 3. */
export const result = variants(matmulTexts, 'lib/result', ['scalar', 'vec4']);
