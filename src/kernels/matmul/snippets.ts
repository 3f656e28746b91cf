// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import addendInPlace from '../../../shaders/lib/addend/inPlace.wgsl?raw';
import addendMatrix from '../../../shaders/lib/addend/matrix.wgsl?raw';
import addendNone from '../../../shaders/lib/addend/none.wgsl?raw';
import addLinesBytes from '../../../shaders/lib/addLines/bytes.wgsl?raw';
import addLinesFloats from '../../../shaders/lib/addLines/floats.wgsl?raw';
import biasColumns from '../../../shaders/lib/bias/columns.wgsl?raw';
import biasNone from '../../../shaders/lib/bias/none.wgsl?raw';
import blockA from '../../../shaders/lib/block/a.wgsl?raw';
import blockB from '../../../shaders/lib/block/b.wgsl?raw';
import blockBytes from '../../../shaders/lib/blockProducts/bytes.wgsl?raw';
import blockFloats from '../../../shaders/lib/blockProducts/floats.wgsl?raw';
import columnsGated from '../../../shaders/lib/columns/gated.wgsl?raw';
import columnsPlain from '../../../shaders/lib/columns/plain.wgsl?raw';
import decodeByte4E4m3 from '../../../shaders/lib/decodeByte4/e4m3.wgsl?raw';
import decodeByte4E5m2 from '../../../shaders/lib/decodeByte4/e5m2.wgsl?raw';
import decodeByte4Int8 from '../../../shaders/lib/decodeByte4/int8.wgsl?raw';
import dot8Bytes from '../../../shaders/lib/dot8/bytes.wgsl?raw';
import dot8Floats from '../../../shaders/lib/dot8/floats.wgsl?raw';
import elementABytes from '../../../shaders/lib/elementA/bytes.wgsl?raw';
import elementAPairs from '../../../shaders/lib/elementA/pairs.wgsl?raw';
import elementAPlain from '../../../shaders/lib/elementA/plain.wgsl?raw';
import elementBBlocks from '../../../shaders/lib/elementB/blocks.wgsl?raw';
import elementBBytes from '../../../shaders/lib/elementB/bytes.wgsl?raw';
import elementBPairs from '../../../shaders/lib/elementB/pairs.wgsl?raw';
import elementBPlain from '../../../shaders/lib/elementB/plain.wgsl?raw';
import emitGated from '../../../shaders/lib/emit/gated.wgsl?raw';
import emitPartial from '../../../shaders/lib/emit/partial.wgsl?raw';
import emitPlain from '../../../shaders/lib/emit/plain.wgsl?raw';
import emitSums from '../../../shaders/lib/emit/sums.wgsl?raw';
import exponentsSource from '../../../shaders/lib/exponents.wgsl?raw';
import halvesAEight from '../../../shaders/lib/halvesA/eight.wgsl?raw';
import halvesAFour from '../../../shaders/lib/halvesA/four.wgsl?raw';
import halvesAOne from '../../../shaders/lib/halvesA/one.wgsl?raw';
import halvesBBlocks from '../../../shaders/lib/halvesB/blocks.wgsl?raw';
import halvesBEight from '../../../shaders/lib/halvesB/eight.wgsl?raw';
import halvesBFour from '../../../shaders/lib/halvesB/four.wgsl?raw';
import halvesBOne from '../../../shaders/lib/halvesB/one.wgsl?raw';
import integersFromSource from '../../../shaders/lib/integersFrom.wgsl?raw';
import matrixAAcrossK from '../../../shaders/lib/matrixA/acrossK.wgsl?raw';
import matrixAAlongK from '../../../shaders/lib/matrixA/alongK.wgsl?raw';
import matrixBAcrossK from '../../../shaders/lib/matrixB/acrossK.wgsl?raw';
import matrixBAlongK from '../../../shaders/lib/matrixB/alongK.wgsl?raw';
import notSplitSource from '../../../shaders/lib/notSplit.wgsl?raw';
import operandAByteEights from '../../../shaders/lib/operandA/byteEights.wgsl?raw';
import operandAByteFours from '../../../shaders/lib/operandA/byteFours.wgsl?raw';
import operandABytes from '../../../shaders/lib/operandA/bytes.wgsl?raw';
import operandAElements from '../../../shaders/lib/operandA/elements.wgsl?raw';
import operandAHalves from '../../../shaders/lib/operandA/halves.wgsl?raw';
import operandAQuads from '../../../shaders/lib/operandA/quads.wgsl?raw';
import operandAVec4 from '../../../shaders/lib/operandA/vec4.wgsl?raw';
import operandBBlocks from '../../../shaders/lib/operandB/blocks.wgsl?raw';
import operandBByteEights from '../../../shaders/lib/operandB/byteEights.wgsl?raw';
import operandBByteFours from '../../../shaders/lib/operandB/byteFours.wgsl?raw';
import operandBBytes from '../../../shaders/lib/operandB/bytes.wgsl?raw';
import operandBElements from '../../../shaders/lib/operandB/elements.wgsl?raw';
import operandBHalves from '../../../shaders/lib/operandB/halves.wgsl?raw';
import operandBQuads from '../../../shaders/lib/operandB/quads.wgsl?raw';
import operandBVec4 from '../../../shaders/lib/operandB/vec4.wgsl?raw';
import pieceBBlocks from '../../../shaders/lib/pieceB/blocks.wgsl?raw';
import pieceBPlain from '../../../shaders/lib/pieceB/plain.wgsl?raw';
import remainingSource from '../../../shaders/lib/remaining.wgsl?raw';
import residualInPlace from '../../../shaders/lib/residual/inPlace.wgsl?raw';
import residualMatrix from '../../../shaders/lib/residual/matrix.wgsl?raw';
import residualNone from '../../../shaders/lib/residual/none.wgsl?raw';
import resultScalar from '../../../shaders/lib/result/scalar.wgsl?raw';
import resultVec4 from '../../../shaders/lib/result/vec4.wgsl?raw';
import scaleANone from '../../../shaders/lib/scaleA/none.wgsl?raw';
import scaleARows from '../../../shaders/lib/scaleA/rows.wgsl?raw';
import scaleBColumns from '../../../shaders/lib/scaleB/columns.wgsl?raw';
import scaleBNone from '../../../shaders/lib/scaleB/none.wgsl?raw';
import scaleBlockRow from '../../../shaders/lib/scaleBlock/row.wgsl?raw';
import scaleBlockSize from '../../../shaders/lib/scaleBlock/size.wgsl?raw';
import scaleOfSource from '../../../shaders/lib/scaleOf.wgsl?raw';
import shareAll from '../../../shaders/lib/share/all.wgsl?raw';
import shareRest from '../../../shaders/lib/share/rest.wgsl?raw';
import shareSplit from '../../../shaders/lib/share/split.wgsl?raw';
import stagedQuadBytes from '../../../shaders/lib/stagedQuad/bytes.wgsl?raw';
import stagedQuadHalves from '../../../shaders/lib/stagedQuad/halves.wgsl?raw';
import tileDense from '../../../shaders/lib/tile/dense.wgsl?raw';
import tileGrouped from '../../../shaders/lib/tile/grouped.wgsl?raw';
import tilePlace from '../../../shaders/lib/tile/place.wgsl?raw';
import tileOrderSource from '../../../shaders/lib/tileOrder.wgsl?raw';
import transposeBytesSource from '../../../shaders/lib/transposeBytes.wgsl?raw';
import weightsBytes from '../../../shaders/lib/weights/bytes.wgsl?raw';
import weightsNibbles from '../../../shaders/lib/weights/nibbles.wgsl?raw';
import zeroOfBlocks from '../../../shaders/lib/zeroOf/blocks.wgsl?raw';
import zeroOfFixed from '../../../shaders/lib/zeroOf/fixed.wgsl?raw';

export const tileOrder: ShaderPart = { path: 'lib/tileOrder.wgsl', code: tileOrderSource };

export const remaining: ShaderPart = { path: 'lib/remaining.wgsl', code: remainingSource };

export const transposeBytes: ShaderPart = { path: 'lib/transposeBytes.wgsl', code: transposeBytesSource };

export const notSplit: ShaderPart = { path: 'lib/notSplit.wgsl', code: notSplitSource };
/** `rowExponent`, `columnExponent`, `exponents4` and `wereSplit`; declares bindings 7 and 8. */

export const exponents: ShaderPart = { path: 'lib/exponents.wgsl', code: exponentsSource };

/** `Tile`: a part of a product; `tileOf(number, height, width)`: which one is made where. */
export const tile: Readonly<Record<'place' | 'dense' | 'grouped', ShaderPart>> = {
  place: { path: 'lib/tile/place.wgsl', code: tilePlace },
  dense: { path: 'lib/tile/dense.wgsl', code: tileDense },
  grouped: { path: 'lib/tile/grouped.wgsl', code: tileGrouped },
};

/**
 * `takes(tile, i, j)`: which elements a kernel makes; `takesAny(tile, height, width)`, but for `split`; and, but for `rest`,
 * `rescale4(tile, i, j, sums)`.
 */
export const share: Readonly<Record<'all' | 'split' | 'rest', ShaderPart>> = {
  all: { path: 'lib/share/all.wgsl', code: shareAll },
  split: { path: 'lib/share/split.wgsl', code: shareSplit },
  rest: { path: 'lib/share/rest.wgsl', code: shareRest },
};

/** `columnOf(j)`: which column of b the j-th of the product is. */
export const columns: Readonly<Record<'plain' | 'gated', ShaderPart>> = {
  plain: { path: 'lib/columns/plain.wgsl', code: columnsPlain },
  gated: { path: 'lib/columns/gated.wgsl', code: columnsGated },
};

/** `emit4(tile, i, j, sums)`: what becomes of four sums of a product; `partial` declares binding 3. */
export const emit: Readonly<Record<'plain' | 'gated' | 'sums' | 'partial', ShaderPart>> = {
  partial: { path: 'lib/emit/partial.wgsl', code: emitPartial },
  plain: { path: 'lib/emit/plain.wgsl', code: emitPlain },
  gated: { path: 'lib/emit/gated.wgsl', code: emitGated },
  sums: { path: 'lib/emit/sums.wgsl', code: emitSums },
};

/** `scaleA1(tile, i)`; `rows` declares binding 10. */
export const scaleA: Readonly<Record<'none' | 'rows', ShaderPart>> = {
  none: { path: 'lib/scaleA/none.wgsl', code: scaleANone },
  rows: { path: 'lib/scaleA/rows.wgsl', code: scaleARows },
};

/** `scaleB4(tile, j)`; `columns` declares binding 11. */
export const scaleB: Readonly<Record<'none' | 'columns', ShaderPart>> = {
  none: { path: 'lib/scaleB/none.wgsl', code: scaleBNone },
  columns: { path: 'lib/scaleB/columns.wgsl', code: scaleBColumns },
};

/** `blockOfA(tile, i, p)` and `blockOfB(tile, p, j)`: 4 x 4 elements of an operand. */
export const block: Readonly<Record<'a' | 'b', ShaderPart>> = {
  a: { path: 'lib/block/a.wgsl', code: blockA },
  b: { path: 'lib/block/b.wgsl', code: blockB },
};

/** `bias4(tile, j)`; `columns` declares binding 4. */
export const bias: Readonly<Record<'none' | 'columns', ShaderPart>> = {
  none: { path: 'lib/bias/none.wgsl', code: biasNone },
  columns: { path: 'lib/bias/columns.wgsl', code: biasColumns },
};

/** Where a term of a product comes from. */
export type TermSource = 'none' | 'matrix' | 'inPlace';

/** `addend4(tile, i, j)`; `matrix` declares binding 5. */
export const addend: Readonly<Record<TermSource, ShaderPart>> = {
  none: { path: 'lib/addend/none.wgsl', code: addendNone },
  matrix: { path: 'lib/addend/matrix.wgsl', code: addendMatrix },
  inPlace: { path: 'lib/addend/inPlace.wgsl', code: addendInPlace },
};

/** `residual4(tile, i, j)`; `matrix` declares binding 6. */
export const residual: Readonly<Record<TermSource, ShaderPart>> = {
  none: { path: 'lib/residual/none.wgsl', code: residualNone },
  matrix: { path: 'lib/residual/matrix.wgsl', code: residualMatrix },
  inPlace: { path: 'lib/residual/inPlace.wgsl', code: residualInPlace },
};

/** How the elements of an operand are stored: as WGSL has them, two to a word, or four integers to a word. */
export type ElementStorage = 'plain' | 'pairs' | 'bytes';

/** `elementA(index)`; declares binding 1. */
export const elementA: Readonly<Record<ElementStorage, ShaderPart>> = {
  plain: { path: 'lib/elementA/plain.wgsl', code: elementAPlain },
  pairs: { path: 'lib/elementA/pairs.wgsl', code: elementAPairs },
  bytes: { path: 'lib/elementA/bytes.wgsl', code: elementABytes },
};

/** `elementB(index)`; declares binding 2, except for weights in `blocks`. */
export const elementB: Readonly<Record<ElementStorage | 'blocks', ShaderPart>> = {
  blocks: { path: 'lib/elementB/blocks.wgsl', code: elementBBlocks },
  plain: { path: 'lib/elementB/plain.wgsl', code: elementBPlain },
  pairs: { path: 'lib/elementB/pairs.wgsl', code: elementBPairs },
  bytes: { path: 'lib/elementB/bytes.wgsl', code: elementBBytes },
};

/**
 * How an operand of a product is read: element by element, four at a time, or eight of 16 bits at a time; integers of 8 bits
 * eight or four at a time, or four from anywhere.
 */
export type OperandWidth = 'elements' | 'vec4' | 'quads' | 'halves' | 'byteEights' | 'byteFours' | 'bytes';

/** `loadA4(offset, count)` and `loadA8(offset, count)`, `halves` and `byteEights` the latter alone; all but `elements` declare binding 1. */
export const operandA: Readonly<Record<OperandWidth, ShaderPart>> = {
  elements: { path: 'lib/operandA/elements.wgsl', code: operandAElements },
  vec4: { path: 'lib/operandA/vec4.wgsl', code: operandAVec4 },
  quads: { path: 'lib/operandA/quads.wgsl', code: operandAQuads },
  halves: { path: 'lib/operandA/halves.wgsl', code: operandAHalves },
  byteEights: { path: 'lib/operandA/byteEights.wgsl', code: operandAByteEights },
  byteFours: { path: 'lib/operandA/byteFours.wgsl', code: operandAByteFours },
  bytes: { path: 'lib/operandA/bytes.wgsl', code: operandABytes },
};

/** `loadB4(offset, count)` and `loadB8(offset, count)`, `halves` and `byteEights` the latter alone; all but `elements` and `blocks` declare binding 2. */
export const operandB: Readonly<Record<OperandWidth | 'blocks', ShaderPart>> = {
  blocks: { path: 'lib/operandB/blocks.wgsl', code: operandBBlocks },
  elements: { path: 'lib/operandB/elements.wgsl', code: operandBElements },
  vec4: { path: 'lib/operandB/vec4.wgsl', code: operandBVec4 },
  quads: { path: 'lib/operandB/quads.wgsl', code: operandBQuads },
  halves: { path: 'lib/operandB/halves.wgsl', code: operandBHalves },
  byteEights: { path: 'lib/operandB/byteEights.wgsl', code: operandBByteEights },
  byteFours: { path: 'lib/operandB/byteFours.wgsl', code: operandBByteFours },
  bytes: { path: 'lib/operandB/bytes.wgsl', code: operandBBytes },
};

/** `Block`, `Sums`, `blockOf(lines, alongK)`, `addOuter` and `addRow` of what `loadA4` and `loadB4` give. */
export const blockProducts: Readonly<Record<'floats' | 'bytes', ShaderPart>> = {
  floats: { path: 'lib/blockProducts/floats.wgsl', code: blockFloats },
  bytes: { path: 'lib/blockProducts/bytes.wgsl', code: blockBytes },
};

/** `dot8(a, b)` of what `loadA8` and `loadB8` give. */
export const dot8: Readonly<Record<'floats' | 'bytes', ShaderPart>> = {
  floats: { path: 'lib/dot8/floats.wgsl', code: dot8Floats },
  bytes: { path: 'lib/dot8/bytes.wgsl', code: dot8Bytes },
};

/** `Sums8` and `addLines(sums, a, b0, b1, b2, b3)` of what `loadA4` and `loadB8` give. */
export const addLines: Readonly<Record<'floats' | 'bytes', ShaderPart>> = {
  floats: { path: 'lib/addLines/floats.wgsl', code: addLinesFloats },
  bytes: { path: 'lib/addLines/bytes.wgsl', code: addLinesBytes },
};

/** `PIECE`, `PieceB`, `loadPieceB(offset, count)`, `pieceB8(piece, part)` and `pieceFactor(piece)`. */
export const pieceB: Readonly<Record<'plain' | 'blocks', ShaderPart>> = {
  plain: { path: 'lib/pieceB/plain.wgsl', code: pieceBPlain },
  blocks: { path: 'lib/pieceB/blocks.wgsl', code: pieceBBlocks },
};

/** How many halves of an operand are fetched at once, as they lie in memory. */
export type HalvesWidth = 'eight' | 'four' | 'one';

/** `loadA8(offset, count)`; declares binding 1. */
export const halvesA: Readonly<Record<HalvesWidth, ShaderPart>> = {
  eight: { path: 'lib/halvesA/eight.wgsl', code: halvesAEight },
  four: { path: 'lib/halvesA/four.wgsl', code: halvesAFour },
  one: { path: 'lib/halvesA/one.wgsl', code: halvesAOne },
};

/** `loadB8(offset, count)`; declares binding 2, except for weights in `blocks`, which it decodes and rounds to halves. */
export const halvesB: Readonly<Record<HalvesWidth | 'blocks', ShaderPart>> = {
  blocks: { path: 'lib/halvesB/blocks.wgsl', code: halvesBBlocks },
  eight: { path: 'lib/halvesB/eight.wgsl', code: halvesBEight },
  four: { path: 'lib/halvesB/four.wgsl', code: halvesBFour },
  one: { path: 'lib/halvesB/one.wgsl', code: halvesBOne },
};

/** Quantised weights before scaling: `weights4` and `weights8(offset, zero)`, `pieceWeights8(words, part, zero)`; declares binding 2. */
export const weights: Readonly<Record<'nibbles' | 'bytes', ShaderPart>> = {
  nibbles: { path: 'lib/weights/nibbles.wgsl', code: weightsNibbles },
  bytes: { path: 'lib/weights/bytes.wgsl', code: weightsBytes },
};

/** `decodeByte4(word, zero)`: four codes of a byte each. */
export const decodeByte4: Readonly<Record<'int8' | 'e4m3' | 'e5m2', ShaderPart>> = {
  int8: { path: 'lib/decodeByte4/int8.wgsl', code: decodeByte4Int8 },
  e4m3: { path: 'lib/decodeByte4/e4m3.wgsl', code: decodeByte4E4m3 },
  e5m2: { path: 'lib/decodeByte4/e5m2.wgsl', code: decodeByte4E5m2 },
};

/** `integersFrom(zero, codes)`. */
export const integersFrom: ShaderPart = { path: 'lib/integersFrom.wgsl', code: integersFromSource };

/** `scaleBlockOf(offset)`: which block a weight is in. */
export const scaleBlock: Readonly<Record<'size' | 'row', ShaderPart>> = {
  size: { path: 'lib/scaleBlock/size.wgsl', code: scaleBlockSize },
  row: { path: 'lib/scaleBlock/row.wgsl', code: scaleBlockRow },
};

/** `scaleOf(block)`; declares binding 7. */
export const scaleOf: ShaderPart = { path: 'lib/scaleOf.wgsl', code: scaleOfSource };

/** `zeroOf(block)`; `blocks` declares binding 8. */
export const zeroOf: Readonly<Record<'fixed' | 'blocks', ShaderPart>> = {
  fixed: { path: 'lib/zeroOf/fixed.wgsl', code: zeroOfFixed },
  blocks: { path: 'lib/zeroOf/blocks.wgsl', code: zeroOfBlocks },
};

/** `loadLeft(part, row, p)`, by how lines of workgroup memory run. */
export const matrixA: Readonly<Record<'alongK' | 'acrossK', ShaderPart>> = {
  alongK: { path: 'lib/matrixA/alongK.wgsl', code: matrixAAlongK },
  acrossK: { path: 'lib/matrixA/acrossK.wgsl', code: matrixAAcrossK },
};

/** `loadRight(part, p, column)`, by how lines of workgroup memory run. */
export const matrixB: Readonly<Record<'alongK' | 'acrossK', ShaderPart>> = {
  alongK: { path: 'lib/matrixB/alongK.wgsl', code: matrixBAlongK },
  acrossK: { path: 'lib/matrixB/acrossK.wgsl', code: matrixBAcrossK },
};

/** `EIGHTS_PER_QUAD` and `stagedQuad(at)`, by type of the elements that are staged. */
export const stagedQuad: Readonly<Record<'halves' | 'bytes', ShaderPart>> = {
  halves: { path: 'lib/stagedQuad/halves.wgsl', code: stagedQuadHalves },
  bytes: { path: 'lib/stagedQuad/bytes.wgsl', code: stagedQuadBytes },
};

/** `storeC4(offset, count, values)` and `loadC4(offset, count)`; declares binding 3. */
export const result: Readonly<Record<'scalar' | 'vec4', ShaderPart>> = {
  scalar: { path: 'lib/result/scalar.wgsl', code: resultScalar },
  vec4: { path: 'lib/result/vec4.wgsl', code: resultVec4 },
};
