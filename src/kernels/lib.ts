// The WGSL snippets of shaders/lib, each with one small interface that its first lines state.
import type { Activation } from '../reference/activation.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../runtime/capabilities.ts';
import type { DType } from '../tensor.ts';
import type { ShaderPart, ShaderSource } from '../wgsl/compose.ts';
import activationClip from '../../shaders/lib/activation/clip.wgsl?raw';
import activationGelu from '../../shaders/lib/activation/gelu.wgsl?raw';
import activationGeluTanh from '../../shaders/lib/activation/geluTanh.wgsl?raw';
import activationNone from '../../shaders/lib/activation/none.wgsl?raw';
import activationRelu from '../../shaders/lib/activation/relu.wgsl?raw';
import activationSigmoid from '../../shaders/lib/activation/sigmoid.wgsl?raw';
import activationSilu from '../../shaders/lib/activation/silu.wgsl?raw';
import activationTanh from '../../shaders/lib/activation/tanh.wgsl?raw';
import addendInPlace from '../../shaders/lib/addend/inPlace.wgsl?raw';
import addendMatrix from '../../shaders/lib/addend/matrix.wgsl?raw';
import addendNone from '../../shaders/lib/addend/none.wgsl?raw';
import addLinesBytes from '../../shaders/lib/addLines/bytes.wgsl?raw';
import addLinesFloats from '../../shaders/lib/addLines/floats.wgsl?raw';
import advanceDotAdd from '../../shaders/lib/advance/dotAdd.wgsl?raw';
import advanceMultiplyAdd from '../../shaders/lib/advance/multiplyAdd.wgsl?raw';
import affineAligned from '../../shaders/lib/affine/aligned.wgsl?raw';
import affineScalar from '../../shaders/lib/affine/scalar.wgsl?raw';
import biasColumns from '../../shaders/lib/bias/columns.wgsl?raw';
import biasNone from '../../shaders/lib/bias/none.wgsl?raw';
import binInteger from '../../shaders/lib/bin/integer.wgsl?raw';
import binRange from '../../shaders/lib/bin/range.wgsl?raw';
import blockA from '../../shaders/lib/block/a.wgsl?raw';
import blockB from '../../shaders/lib/block/b.wgsl?raw';
import blockBytes from '../../shaders/lib/blockProducts/bytes.wgsl?raw';
import blockFloats from '../../shaders/lib/blockProducts/floats.wgsl?raw';
import broadcastSource from '../../shaders/lib/broadcast.wgsl?raw';
import carryNone from '../../shaders/lib/carry/none.wgsl?raw';
import carryPrefix from '../../shaders/lib/carry/prefix.wgsl?raw';
import channelGradientsBoth from '../../shaders/lib/channelGradients/both.wgsl?raw';
import channelGradientsScale from '../../shaders/lib/channelGradients/scale.wgsl?raw';
import channelScaleAligned from '../../shaders/lib/channelScale/aligned.wgsl?raw';
import channelScaleScalar from '../../shaders/lib/channelScale/scalar.wgsl?raw';
import columnsGated from '../../shaders/lib/columns/gated.wgsl?raw';
import columnsPlain from '../../shaders/lib/columns/plain.wgsl?raw';
import compactedPositions from '../../shaders/lib/compacted/positions.wgsl?raw';
import compactedValues from '../../shaders/lib/compacted/values.wgsl?raw';
import decodeByte4E4m3 from '../../shaders/lib/decodeByte4/e4m3.wgsl?raw';
import decodeByte4E5m2 from '../../shaders/lib/decodeByte4/e5m2.wgsl?raw';
import decodeByte4Int8 from '../../shaders/lib/decodeByte4/int8.wgsl?raw';
import dot4Packed from '../../shaders/lib/dot4/packed.wgsl?raw';
import dot4Shifted from '../../shaders/lib/dot4/shifted.wgsl?raw';
import dot8Bytes from '../../shaders/lib/dot8/bytes.wgsl?raw';
import dot8Floats from '../../shaders/lib/dot8/floats.wgsl?raw';
import elementABytes from '../../shaders/lib/elementA/bytes.wgsl?raw';
import elementAPairs from '../../shaders/lib/elementA/pairs.wgsl?raw';
import elementAPlain from '../../shaders/lib/elementA/plain.wgsl?raw';
import elementBBlocks from '../../shaders/lib/elementB/blocks.wgsl?raw';
import elementBBytes from '../../shaders/lib/elementB/bytes.wgsl?raw';
import elementBPairs from '../../shaders/lib/elementB/pairs.wgsl?raw';
import elementBPlain from '../../shaders/lib/elementB/plain.wgsl?raw';
import elementXF32 from '../../shaders/lib/elementX/f32.wgsl?raw';
import elementXI32 from '../../shaders/lib/elementX/i32.wgsl?raw';
import elementXI8 from '../../shaders/lib/elementX/i8.wgsl?raw';
import elementXPairs from '../../shaders/lib/elementX/pairs.wgsl?raw';
import elementXU32 from '../../shaders/lib/elementX/u32.wgsl?raw';
import emitGated from '../../shaders/lib/emit/gated.wgsl?raw';
import emitPartial from '../../shaders/lib/emit/partial.wgsl?raw';
import emitPlain from '../../shaders/lib/emit/plain.wgsl?raw';
import emitSums from '../../shaders/lib/emit/sums.wgsl?raw';
import exactResultF16 from '../../shaders/lib/exactResult/f16.wgsl?raw';
import exactResultF32 from '../../shaders/lib/exactResult/f32.wgsl?raw';
import exactQuotient from '../../shaders/lib/exactResult/quotient.wgsl?raw';
import exponentsSource from '../../shaders/lib/exponents.wgsl?raw';
import expOrNanSource from '../../shaders/lib/expOrNan.wgsl?raw';
import finishArgExtreme from '../../shaders/lib/finish/argExtreme.wgsl?raw';
import finishExactMean from '../../shaders/lib/finish/exactMean.wgsl?raw';
import finishExactSum from '../../shaders/lib/finish/exactSum.wgsl?raw';
import finishExtreme from '../../shaders/lib/finish/extreme.wgsl?raw';
import finishLog from '../../shaders/lib/finish/log.wgsl?raw';
import finishLogSumExp from '../../shaders/lib/finish/logSumExp.wgsl?raw';
import finishMean from '../../shaders/lib/finish/mean.wgsl?raw';
import finishPartial from '../../shaders/lib/finish/partial.wgsl?raw';
import finishSame from '../../shaders/lib/finish/same.wgsl?raw';
import finishSqrt from '../../shaders/lib/finish/sqrt.wgsl?raw';
import finishStd from '../../shaders/lib/finish/std.wgsl?raw';
import finishVariance from '../../shaders/lib/finish/variance.wgsl?raw';
import groupReduceSubgroup from '../../shaders/lib/groupReduce/subgroup.wgsl?raw';
import groupReduceWorkgroup from '../../shaders/lib/groupReduce/workgroup.wgsl?raw';
import groupScanSubgroup from '../../shaders/lib/groupScan/subgroup.wgsl?raw';
import groupScanWorkgroup from '../../shaders/lib/groupScan/workgroup.wgsl?raw';
import halvesAEight from '../../shaders/lib/halvesA/eight.wgsl?raw';
import halvesAFour from '../../shaders/lib/halvesA/four.wgsl?raw';
import halvesAOne from '../../shaders/lib/halvesA/one.wgsl?raw';
import halvesBBlocks from '../../shaders/lib/halvesB/blocks.wgsl?raw';
import halvesBEight from '../../shaders/lib/halvesB/eight.wgsl?raw';
import halvesBFour from '../../shaders/lib/halvesB/four.wgsl?raw';
import halvesBOne from '../../shaders/lib/halvesB/one.wgsl?raw';
import integersFromSource from '../../shaders/lib/integersFrom.wgsl?raw';
import keyRowPaged from '../../shaders/lib/keyRow/paged.wgsl?raw';
import keyRowRing from '../../shaders/lib/keyRow/ring.wgsl?raw';
import keyRowStraight from '../../shaders/lib/keyRow/straight.wgsl?raw';
import keyValueInt8 from '../../shaders/lib/keyValue/int8.wgsl?raw';
import keyValueQuads from '../../shaders/lib/keyValue/quads.wgsl?raw';
import keyValueScalar from '../../shaders/lib/keyValue/scalar.wgsl?raw';
import linesRows from '../../shaders/lib/lines/rows.wgsl?raw';
import linesSegments from '../../shaders/lib/lines/segments.wgsl?raw';
import logSumExpNone from '../../shaders/lib/logSumExp/none.wgsl?raw';
import logSumExpStore from '../../shaders/lib/logSumExp/store.wgsl?raw';
import matrixAAcrossK from '../../shaders/lib/matrixA/acrossK.wgsl?raw';
import matrixAAlongK from '../../shaders/lib/matrixA/alongK.wgsl?raw';
import matrixBAcrossK from '../../shaders/lib/matrixB/acrossK.wgsl?raw';
import matrixBAlongK from '../../shaders/lib/matrixB/alongK.wgsl?raw';
import notSplitSource from '../../shaders/lib/notSplit.wgsl?raw';
import operandAByteEights from '../../shaders/lib/operandA/byteEights.wgsl?raw';
import operandAByteFours from '../../shaders/lib/operandA/byteFours.wgsl?raw';
import operandABytes from '../../shaders/lib/operandA/bytes.wgsl?raw';
import operandAElements from '../../shaders/lib/operandA/elements.wgsl?raw';
import operandAHalves from '../../shaders/lib/operandA/halves.wgsl?raw';
import operandAQuads from '../../shaders/lib/operandA/quads.wgsl?raw';
import operandAVec4 from '../../shaders/lib/operandA/vec4.wgsl?raw';
import operandBBlocks from '../../shaders/lib/operandB/blocks.wgsl?raw';
import operandBByteEights from '../../shaders/lib/operandB/byteEights.wgsl?raw';
import operandBByteFours from '../../shaders/lib/operandB/byteFours.wgsl?raw';
import operandBBytes from '../../shaders/lib/operandB/bytes.wgsl?raw';
import operandBElements from '../../shaders/lib/operandB/elements.wgsl?raw';
import operandBHalves from '../../shaders/lib/operandB/halves.wgsl?raw';
import operandBQuads from '../../shaders/lib/operandB/quads.wgsl?raw';
import operandBVec4 from '../../shaders/lib/operandB/vec4.wgsl?raw';
import orderF32 from '../../shaders/lib/order/f32.wgsl?raw';
import orderI32 from '../../shaders/lib/order/i32.wgsl?raw';
import orderU32 from '../../shaders/lib/order/u32.wgsl?raw';
import packHalves from '../../shaders/lib/pack/halves.wgsl?raw';
import packWords from '../../shaders/lib/pack/words.wgsl?raw';
import packYBf16 from '../../shaders/lib/packY/bf16.wgsl?raw';
import packYF16 from '../../shaders/lib/packY/f16.wgsl?raw';
import packYF32 from '../../shaders/lib/packY/f32.wgsl?raw';
import packYI32 from '../../shaders/lib/packY/i32.wgsl?raw';
import packYI8 from '../../shaders/lib/packY/i8.wgsl?raw';
import packYU32 from '../../shaders/lib/packY/u32.wgsl?raw';
import pairAccessAligned from '../../shaders/lib/pairAccess/aligned.wgsl?raw';
import pairAccessScalar from '../../shaders/lib/pairAccess/scalar.wgsl?raw';
import philoxSource from '../../shaders/lib/philox.wgsl?raw';
import pieceBBlocks from '../../shaders/lib/pieceB/blocks.wgsl?raw';
import pieceBPlain from '../../shaders/lib/pieceB/plain.wgsl?raw';
import quadAligned from '../../shaders/lib/quad/aligned.wgsl?raw';
import quadScalar from '../../shaders/lib/quad/scalar.wgsl?raw';
import quadResidualAligned from '../../shaders/lib/quadResidual/aligned.wgsl?raw';
import quadResidualNone from '../../shaders/lib/quadResidual/none.wgsl?raw';
import quadResidualScalar from '../../shaders/lib/quadResidual/scalar.wgsl?raw';
import quadStoreAligned from '../../shaders/lib/quadStore/aligned.wgsl?raw';
import quadStoreScalar from '../../shaders/lib/quadStore/scalar.wgsl?raw';
import reduceAll from '../../shaders/lib/reduce/all.wgsl?raw';
import reduceAny from '../../shaders/lib/reduce/any.wgsl?raw';
import reduceArgExtreme from '../../shaders/lib/reduce/argExtreme.wgsl?raw';
import reduceCustom from '../../shaders/lib/reduce/custom.wgsl?raw';
import reduceExactSum from '../../shaders/lib/reduce/exactSum.wgsl?raw';
import reduceExtreme from '../../shaders/lib/reduce/extreme.wgsl?raw';
import reduceLogSumExp from '../../shaders/lib/reduce/logSumExp.wgsl?raw';
import reduceMoments from '../../shaders/lib/reduce/moments.wgsl?raw';
import reduceProduct from '../../shaders/lib/reduce/product.wgsl?raw';
import softmaxOperator from '../../shaders/lib/reduce/softmax.wgsl?raw';
import reduceSum from '../../shaders/lib/reduce/sum.wgsl?raw';
import reduceSumAbs from '../../shaders/lib/reduce/sumAbs.wgsl?raw';
import reduceSumPair from '../../shaders/lib/reduce/sumPair.wgsl?raw';
import reduceSumSquare from '../../shaders/lib/reduce/sumSquare.wgsl?raw';
import remainingSource from '../../shaders/lib/remaining.wgsl?raw';
import residualInPlace from '../../shaders/lib/residual/inPlace.wgsl?raw';
import residualMatrix from '../../shaders/lib/residual/matrix.wgsl?raw';
import residualNone from '../../shaders/lib/residual/none.wgsl?raw';
import residualSumAligned from '../../shaders/lib/residualSum/aligned.wgsl?raw';
import residualSumNone from '../../shaders/lib/residualSum/none.wgsl?raw';
import residualSumScalar from '../../shaders/lib/residualSum/scalar.wgsl?raw';
import resultScalar from '../../shaders/lib/result/scalar.wgsl?raw';
import resultVec4 from '../../shaders/lib/result/vec4.wgsl?raw';
import rowAngleHalves from '../../shaders/lib/rowAngle/halves.wgsl?raw';
import rowAngleInterleaved from '../../shaders/lib/rowAngle/interleaved.wgsl?raw';
import rowAngleNone from '../../shaders/lib/rowAngle/none.wgsl?raw';
import rowCacheMemory from '../../shaders/lib/rowCache/memory.wgsl?raw';
import rowCacheRegisters from '../../shaders/lib/rowCache/registers.wgsl?raw';
import rowStoreElements from '../../shaders/lib/rowStore/elements.wgsl?raw';
import rowStoreInt8 from '../../shaders/lib/rowStore/int8.wgsl?raw';
import scaleANone from '../../shaders/lib/scaleA/none.wgsl?raw';
import scaleARows from '../../shaders/lib/scaleA/rows.wgsl?raw';
import scaleBColumns from '../../shaders/lib/scaleB/columns.wgsl?raw';
import scaleBNone from '../../shaders/lib/scaleB/none.wgsl?raw';
import scaleBlockRow from '../../shaders/lib/scaleBlock/row.wgsl?raw';
import scaleBlockSize from '../../shaders/lib/scaleBlock/size.wgsl?raw';
import scaleOfSource from '../../shaders/lib/scaleOf.wgsl?raw';
import scannedElements from '../../shaders/lib/scanned/elements.wgsl?raw';
import scannedTotal from '../../shaders/lib/scanned/total.wgsl?raw';
import scoreBiasAlibi from '../../shaders/lib/scoreBias/alibi.wgsl?raw';
import scoreBiasNone from '../../shaders/lib/scoreBias/none.wgsl?raw';
import scoreMaskAdditive from '../../shaders/lib/scoreMask/additive.wgsl?raw';
import scoreMaskBoolean from '../../shaders/lib/scoreMask/boolean.wgsl?raw';
import scoreMaskNone from '../../shaders/lib/scoreMask/none.wgsl?raw';
import sequenceDense from '../../shaders/lib/sequence/dense.wgsl?raw';
import sequenceLengths from '../../shaders/lib/sequence/lengths.wgsl?raw';
import sequencePacked from '../../shaders/lib/sequence/packed.wgsl?raw';
import sequenceRing from '../../shaders/lib/sequence/ring.wgsl?raw';
import shareAll from '../../shaders/lib/share/all.wgsl?raw';
import shareRest from '../../shaders/lib/share/rest.wgsl?raw';
import shareSplit from '../../shaders/lib/share/split.wgsl?raw';
import sinkLogit from '../../shaders/lib/sink/logit.wgsl?raw';
import sinkNone from '../../shaders/lib/sink/none.wgsl?raw';
import softmaxGradientLog from '../../shaders/lib/softmaxGradient/log.wgsl?raw';
import softmaxGradientShare from '../../shaders/lib/softmaxGradient/share.wgsl?raw';
import softmaxResultLog from '../../shaders/lib/softmaxResult/log.wgsl?raw';
import softmaxResultShare from '../../shaders/lib/softmaxResult/share.wgsl?raw';
import softmaxStretchSource from '../../shaders/lib/softmaxStretch.wgsl?raw';
import sortedBoth from '../../shaders/lib/sorted/both.wgsl?raw';
import sortedIndices from '../../shaders/lib/sorted/indices.wgsl?raw';
import sortedPairs from '../../shaders/lib/sorted/pairs.wgsl?raw';
import sortedValues from '../../shaders/lib/sorted/values.wgsl?raw';
import sortSourceElements from '../../shaders/lib/sortSource/elements.wgsl?raw';
import sortSourcePairs from '../../shaders/lib/sortSource/pairs.wgsl?raw';
import stagedQuadBytes from '../../shaders/lib/stagedQuad/bytes.wgsl?raw';
import stagedQuadHalves from '../../shaders/lib/stagedQuad/halves.wgsl?raw';
import storeMoments from '../../shaders/lib/storeResult/moments.wgsl?raw';
import storeOne from '../../shaders/lib/storeResult/one.wgsl?raw';
import tileDense from '../../shaders/lib/tile/dense.wgsl?raw';
import tileGrouped from '../../shaders/lib/tile/grouped.wgsl?raw';
import tilePlace from '../../shaders/lib/tile/place.wgsl?raw';
import tileOrderSource from '../../shaders/lib/tileOrder.wgsl?raw';
import tokenGiven from '../../shaders/lib/token/given.wgsl?raw';
import tokenOwn from '../../shaders/lib/token/own.wgsl?raw';
import transposeBytesSource from '../../shaders/lib/transposeBytes.wgsl?raw';
import weightsBytes from '../../shaders/lib/weights/bytes.wgsl?raw';
import weightsNibbles from '../../shaders/lib/weights/nibbles.wgsl?raw';
import widenBf16 from '../../shaders/lib/widen/bf16.wgsl?raw';
import widenF16 from '../../shaders/lib/widen/f16.wgsl?raw';
import workgroupIndexSource from '../../shaders/lib/workgroupIndex.wgsl?raw';
import zeroOfBlocks from '../../shaders/lib/zeroOf/blocks.wgsl?raw';
import zeroOfFixed from '../../shaders/lib/zeroOf/fixed.wgsl?raw';

export const workgroupIndex: ShaderPart = { path: 'lib/workgroupIndex.wgsl', code: workgroupIndexSource };
export const tileOrder: ShaderPart = { path: 'lib/tileOrder.wgsl', code: tileOrderSource };
export const remaining: ShaderPart = { path: 'lib/remaining.wgsl', code: remainingSource };
export const softmaxStretch: ShaderPart = { path: 'lib/softmaxStretch.wgsl', code: softmaxStretchSource };
export const transposeBytes: ShaderPart = { path: 'lib/transposeBytes.wgsl', code: transposeBytesSource };
export const broadcast: ShaderPart = { path: 'lib/broadcast.wgsl', code: broadcastSource };
export const expOrNan: ShaderPart = { path: 'lib/expOrNan.wgsl', code: expOrNanSource };

export const notSplit: ShaderPart = { path: 'lib/notSplit.wgsl', code: notSplitSource };
/** `rowExponent`, `columnExponent`, `exponents4` and `wereSplit`; declares bindings 7 and 8. */
export const exponents: ShaderPart = { path: 'lib/exponents.wgsl', code: exponentsSource };

/** `activate(x)`, by name. */
export const activation: Readonly<Record<Activation, ShaderPart>> = {
  none: { path: 'lib/activation/none.wgsl', code: activationNone },
  relu: { path: 'lib/activation/relu.wgsl', code: activationRelu },
  gelu: { path: 'lib/activation/gelu.wgsl', code: activationGelu },
  geluTanh: { path: 'lib/activation/geluTanh.wgsl', code: activationGeluTanh },
  silu: { path: 'lib/activation/silu.wgsl', code: activationSilu },
  sigmoid: { path: 'lib/activation/sigmoid.wgsl', code: activationSigmoid },
  tanh: { path: 'lib/activation/tanh.wgsl', code: activationTanh },
  clip: { path: 'lib/activation/clip.wgsl', code: activationClip },
};

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

/** `widen(word)`: two numbers of 16 bits. */
export const widen: Readonly<Record<'f16' | 'bf16', ShaderPart>> = {
  f16: { path: 'lib/widen/f16.wgsl', code: widenF16 },
  bf16: { path: 'lib/widen/bf16.wgsl', code: widenBf16 },
};

/** `Value` and `elementX(index)` of words x, by type of the elements. */
export const elementX: Readonly<Record<'f32' | 'i32' | 'u32' | 'i8' | 'pairs', ShaderPart>> = {
  f32: { path: 'lib/elementX/f32.wgsl', code: elementXF32 },
  i32: { path: 'lib/elementX/i32.wgsl', code: elementXI32 },
  u32: { path: 'lib/elementX/u32.wgsl', code: elementXU32 },
  i8: { path: 'lib/elementX/i8.wgsl', code: elementXI8 },
  pairs: { path: 'lib/elementX/pairs.wgsl', code: elementXPairs },
};

/** `PER_WORD` and `packY(values)`, a word. */
export const packY: Readonly<Record<DType, ShaderPart>> = {
  f32: { path: 'lib/packY/f32.wgsl', code: packYF32 },
  f16: { path: 'lib/packY/f16.wgsl', code: packYF16 },
  bf16: { path: 'lib/packY/bf16.wgsl', code: packYBf16 },
  i32: { path: 'lib/packY/i32.wgsl', code: packYI32 },
  u32: { path: 'lib/packY/u32.wgsl', code: packYU32 },
  i8: { path: 'lib/packY/i8.wgsl', code: packYI8 },
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

/** `dot4(a, b)` of integers of 8 bits, four to a word. */
export const dot4: Readonly<Record<'packed' | 'shifted', ShaderPart>> = {
  packed: { path: 'lib/dot4/packed.wgsl', code: dot4Packed },
  shifted: { path: 'lib/dot4/shifted.wgsl', code: dot4Shifted },
};

/** `Block`, `Sums`, `blockOf(lines, alongK)`, `addOuter` and `addRow` of what `loadA4` and `loadB4` give. */
export const blockProducts: Readonly<Record<'floats' | 'bytes', ShaderPart>> = {
  floats: { path: 'lib/blockProducts/floats.wgsl', code: blockFloats },
  bytes: { path: 'lib/blockProducts/bytes.wgsl', code: blockBytes },
};

/** `Params`, `Step`, `stepOf(params)` and `advance(x, step)` of chains of arithmetic. */
export const advance: Readonly<Record<'multiplyAdd' | 'dotAdd', ShaderPart>> = {
  multiplyAdd: { path: 'lib/advance/multiplyAdd.wgsl', code: advanceMultiplyAdd },
  dotAdd: { path: 'lib/advance/dotAdd.wgsl', code: advanceDotAdd },
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

/** The operator of softmax: `State`, `identity()`, `combine(a, b)`. */
export const reduceSoftmax: ShaderPart = { path: 'lib/reduce/softmax.wgsl', code: softmaxOperator };

/** The operator of two sums at once: `State`, `identity()`, `combine(a, b)`. */
export const sumPair: ShaderPart = { path: 'lib/reduce/sumPair.wgsl', code: reduceSumPair };

/** An operator of reductions: `State`, `identity()`, `lift(x, index)`, `combine(a, b)`. */
export const reduce = {
  sum: { path: 'lib/reduce/sum.wgsl', code: reduceSum },
  sumAbs: { path: 'lib/reduce/sumAbs.wgsl', code: reduceSumAbs },
  sumSquare: { path: 'lib/reduce/sumSquare.wgsl', code: reduceSumSquare },
  product: { path: 'lib/reduce/product.wgsl', code: reduceProduct },
  extreme: { path: 'lib/reduce/extreme.wgsl', code: reduceExtreme },
  argExtreme: { path: 'lib/reduce/argExtreme.wgsl', code: reduceArgExtreme },
  any: { path: 'lib/reduce/any.wgsl', code: reduceAny },
  all: { path: 'lib/reduce/all.wgsl', code: reduceAll },
  logSumExp: { path: 'lib/reduce/logSumExp.wgsl', code: reduceLogSumExp },
  moments: { path: 'lib/reduce/moments.wgsl', code: reduceMoments },
  custom: { path: 'lib/reduce/custom.wgsl', code: reduceCustom },
  exactSum: { path: 'lib/reduce/exactSum.wgsl', code: reduceExactSum },
} as const satisfies Record<string, ShaderPart>;

/** `finish(state, count, divisor)`: what a reduction stores. */
export const finish = {
  same: { path: 'lib/finish/same.wgsl', code: finishSame },
  mean: { path: 'lib/finish/mean.wgsl', code: finishMean },
  sqrt: { path: 'lib/finish/sqrt.wgsl', code: finishSqrt },
  log: { path: 'lib/finish/log.wgsl', code: finishLog },
  extreme: { path: 'lib/finish/extreme.wgsl', code: finishExtreme },
  argExtreme: { path: 'lib/finish/argExtreme.wgsl', code: finishArgExtreme },
  logSumExp: { path: 'lib/finish/logSumExp.wgsl', code: finishLogSumExp },
  variance: { path: 'lib/finish/variance.wgsl', code: finishVariance },
  std: { path: 'lib/finish/std.wgsl', code: finishStd },
  exactSum: { path: 'lib/finish/exactSum.wgsl', code: finishExactSum },
  exactMean: { path: 'lib/finish/exactMean.wgsl', code: finishExactMean },
  partial: { path: 'lib/finish/partial.wgsl', code: finishPartial },
} as const satisfies Record<string, ShaderPart>;

/** `quotient(state, divisor)` for exact sums, with the format of what is stored. */
export const exactResult = {
  quotient: { path: 'lib/exactResult/quotient.wgsl', code: exactQuotient },
  f32: { path: 'lib/exactResult/f32.wgsl', code: exactResultF32 },
  f16: { path: 'lib/exactResult/f16.wgsl', code: exactResultF16 },
} as const satisfies Record<string, ShaderPart>;

/** `storeResult(o, state, count, divisor)`; `one` declares binding 2, `moments` 3 as well. */
export const storeResult = {
  one: { path: 'lib/storeResult/one.wgsl', code: storeOne },
  moments: { path: 'lib/storeResult/moments.wgsl', code: storeMoments },
} as const satisfies Record<string, ShaderPart>;

/** `orderKey(x)`, `rankKey(x)` and `fromOrderKey(key)`: numbers as unsigned integers that sort alike. */
export const order: Readonly<Record<'f32' | 'i32' | 'u32', ShaderPart>> = {
  f32: { path: 'lib/order/f32.wgsl', code: orderF32 },
  i32: { path: 'lib/order/i32.wgsl', code: orderI32 },
  u32: { path: 'lib/order/u32.wgsl', code: orderU32 },
};

/** `groupReduce(state, invocation)`, `placeOf(invocation)` and `Invocation`; for `subgroup` see `groupReduceRuns`. */
export const groupReduce: Readonly<Record<'workgroup' | 'subgroup', ShaderPart>> = {
  workgroup: { path: 'lib/groupReduce/workgroup.wgsl', code: groupReduceWorkgroup },
  subgroup: { path: 'lib/groupReduce/subgroup.wgsl', code: groupReduceSubgroup },
};

/** `groupScan(states, invocation)`, `placeOf(invocation)` and `Invocation`; for `subgroup` see `groupReduceRuns`. */
export const groupScan: Readonly<Record<'workgroup' | 'subgroup', ShaderPart>> = {
  workgroup: { path: 'lib/groupScan/workgroup.wgsl', code: groupScanWorkgroup },
  subgroup: { path: 'lib/groupScan/subgroup.wgsl', code: groupScanSubgroup },
};

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

/** `binOf(x)`: where a histogram counts an element. */
export const bin: Readonly<Record<'integer' | 'range', ShaderPart>> = {
  integer: { path: 'lib/bin/integer.wgsl', code: binInteger },
  range: { path: 'lib/bin/range.wgsl', code: binRange },
};

/** `keep(to, i)` and `keepNothing(to)`; declares binding 3, `values` 4 as well. */
export const compacted: Readonly<Record<'values' | 'positions', ShaderPart>> = {
  values: { path: 'lib/compacted/values.wgsl', code: compactedValues },
  positions: { path: 'lib/compacted/positions.wgsl', code: compactedPositions },
};

/** `Line`, `lineOf(task)` and `tilesOf(line, tile, place)`; `segments` declares binding 3. */
export const lines: Readonly<Record<'rows' | 'segments', ShaderPart>> = {
  rows: { path: 'lib/lines/rows.wgsl', code: linesRows },
  segments: { path: 'lib/lines/segments.wgsl', code: linesSegments },
};

/** `philox(counter, seed)`: random bits. */
export const philox: ShaderPart = { path: 'lib/philox.wgsl', code: philoxSource };

/** `tokenOf(row, i)`; `given` declares binding 3. */
export const token: Readonly<Record<'own' | 'given', ShaderPart>> = {
  own: { path: 'lib/token/own.wgsl', code: tokenOwn },
  given: { path: 'lib/token/given.wgsl', code: tokenGiven },
};

/** How a workgroup is divided into groups that share a result. */
export interface GroupConfig {
  readonly workgroupSize: number;
  /** Invocations of a group, a power of two. */
  readonly lanes: number;
  /** Whether they exchange states within subgroups, or through workgroup memory alone. */
  readonly subgroups: boolean;
}

/** States that `groupReduce.subgroup` may have to combine one after the other, since sums are to stay accurate. */
const MAX_SUBGROUPS_PER_GROUP = 64;

/** Whether `groupReduce` runs; with subgroups, the device must number them, and all of a workgroup's must be full. */
export function groupReduceRuns(
  { workgroupSize, lanes, subgroups }: GroupConfig,
  caps: Capabilities,
): boolean {
  if (lanes > workgroupSize || workgroupSize > caps.limits.maxComputeInvocationsPerWorkgroup) return false;
  return (
    !subgroups ||
    (lanes > 1 &&
      caps.subgroups !== undefined &&
      caps.wgslFeatures.includes('subgroup_id') &&
      workgroupSize % caps.subgroups.maxSize === 0 &&
      lanes <= caps.subgroups.minSize * MAX_SUBGROUPS_PER_GROUP)
  );
}

/** What a snippet that joins the invocations of a group needs of the shader that it is in. */
type GroupShader = Required<Pick<ShaderSource, 'extensions' | 'constants'>> & { readonly part: ShaderPart };

/** What `groupReduce` needs of the shader that it is in, for groups of `lanes` invocations. */
export function groupReduceShader(config: GroupConfig, caps: Capabilities): GroupShader {
  return groupShader(groupReduce, config, caps);
}

/**
 * What `groupScan` needs of the shader that it is in. It runs where `groupReduce` does.
 *
 * @param apart whether neighbouring invocations belong to different groups, which rules subgroups out
 */
export function groupScanShader(config: GroupConfig, apart: boolean, caps: Capabilities): GroupShader {
  const shader = groupShader(groupScan, config, caps);
  const stride = apart ? config.workgroupSize / config.lanes : 1;
  return { ...shader, constants: { ...shader.constants, LANE_STRIDE: stride } };
}

function groupShader(
  parts: Readonly<Record<'workgroup' | 'subgroup', ShaderPart>>,
  { workgroupSize, lanes, subgroups }: GroupConfig,
  caps: Capabilities,
): GroupShader {
  const group = { LANES: lanes, ROWS: workgroupSize / lanes };
  if (!subgroups) return { extensions: [], constants: group, part: parts.workgroup };
  const { minSize, maxSize } = caps.subgroups!;
  return {
    extensions: ['subgroups'],
    constants: { ...group, SMALLEST_SUBGROUP: minSize, LARGEST_SUBGROUP: maxSize },
    part: parts.subgroup,
  };
}

/** `PACK` and `quadAt(bytes, quad)`, for elements of 32 and of 16 bits. */
export const pack: Readonly<Record<'words' | 'halves', ShaderPart>> = {
  words: { path: 'lib/pack/words.wgsl', code: packWords },
  halves: { path: 'lib/pack/halves.wgsl', code: packHalves },
};

/** `Elem`, and `Words`: four of them as they lie in memory. */
export function elementAliases(dtype: DType): { readonly Elem: DType; readonly Words: string } {
  return { Elem: dtype, Words: dtype === 'f16' ? 'vec2<u32>' : 'vec4<u32>' };
}

/** `quadOf(lane, lanes)` and `loadQuad(at)`; declares binding 1. */
export const quad: Readonly<Record<'aligned' | 'scalar', ShaderPart>> = {
  aligned: { path: 'lib/quad/aligned.wgsl', code: quadAligned },
  scalar: { path: 'lib/quad/scalar.wgsl', code: quadScalar },
};

/** `storeQuad(at, wanted, values)`; declares binding 2. */
export const quadStore: Readonly<Record<'aligned' | 'scalar', ShaderPart>> = {
  aligned: { path: 'lib/quadStore/aligned.wgsl', code: quadStoreAligned },
  scalar: { path: 'lib/quadStore/scalar.wgsl', code: quadStoreScalar },
};

/** `sequenceOf(batch)`, by how attention's sequences lie; `lengths` and `ring` declare binding 9, `packed` 10 and 11. */
export const sequence: Readonly<Record<'dense' | 'lengths' | 'ring' | 'packed', ShaderPart>> = {
  dense: { path: 'lib/sequence/dense.wgsl', code: sequenceDense },
  lengths: { path: 'lib/sequence/lengths.wgsl', code: sequenceLengths },
  ring: { path: 'lib/sequence/ring.wgsl', code: sequenceRing },
  packed: { path: 'lib/sequence/packed.wgsl', code: sequencePacked },
};

/** `keyRow(batch, key)`, by how attention's keys lie; `paged` declares binding 12. */
export const keyRow: Readonly<Record<'straight' | 'ring' | 'paged', ShaderPart>> = {
  straight: { path: 'lib/keyRow/straight.wgsl', code: keyRowStraight },
  ring: { path: 'lib/keyRow/ring.wgsl', code: keyRowRing },
  paged: { path: 'lib/keyRow/paged.wgsl', code: keyRowPaged },
};

/**
 * `keyElement(at)` and `valueElement(at)` (`scalar`, `int8`), `keyQuad(at)` and `valueQuad(at)` (`quads`, `int8`) of attention;
 * declares bindings 2 and 3, `int8` also 13 and 14.
 */
export const keyValue: Readonly<Record<'scalar' | 'quads' | 'int8', ShaderPart>> = {
  scalar: { path: 'lib/keyValue/scalar.wgsl', code: keyValueScalar },
  quads: { path: 'lib/keyValue/quads.wgsl', code: keyValueQuads },
  int8: { path: 'lib/keyValue/int8.wgsl', code: keyValueInt8 },
};

/** `HAS_MASK` and `masked(score, row, key)` of attention; binding 6. */
export const scoreMask: Readonly<Record<'none' | 'additive' | 'boolean', ShaderPart>> = {
  none: { path: 'lib/scoreMask/none.wgsl', code: scoreMaskNone },
  additive: { path: 'lib/scoreMask/additive.wgsl', code: scoreMaskAdditive },
  boolean: { path: 'lib/scoreMask/boolean.wgsl', code: scoreMaskBoolean },
};

/** `biased(score, row, key)` of attention; binding 7. */
export const scoreBias: Readonly<Record<'none' | 'alibi', ShaderPart>> = {
  none: { path: 'lib/scoreBias/none.wgsl', code: scoreBiasNone },
  alibi: { path: 'lib/scoreBias/alibi.wgsl', code: scoreBiasAlibi },
};

/** `HAS_SINK` and `sinkOf(head)` of attention; binding 8. */
export const sink: Readonly<Record<'none' | 'logit', ShaderPart>> = {
  none: { path: 'lib/sink/none.wgsl', code: sinkNone },
  logit: { path: 'lib/sink/logit.wgsl', code: sinkLogit },
};

/** `storeLogSumExp(at, value)` of attention; binding 5. */
export const logSumExp: Readonly<Record<'none' | 'store', ShaderPart>> = {
  none: { path: 'lib/logSumExp/none.wgsl', code: logSumExpNone },
  store: { path: 'lib/logSumExp/store.wgsl', code: logSumExpStore },
};

/**
 * Sizes of matrices of `component` with sums of type `sum` that the adapter multiplies, the largest first: they take fewer
 * instructions, and on Hopper 16x16x16 reaches a third more than 16x8x8.
 */
export function subgroupMatrices(
  { subgroupMatrixConfigs }: Capabilities,
  component: 'f16' | 'i8',
  sum: 'f32' | 'i32',
): readonly SubgroupMatrixConfig[] {
  const volume = ({ m, n, k }: SubgroupMatrixConfig): number => m * n * k;
  return subgroupMatrixConfigs
    .filter((config) => config.componentType === component && config.resultType === sum)
    .filter(({ m, n, k }) => m % 8 === 0 && n % 8 === 0 && k % 8 === 0)
    .toSorted((a, b) => volume(b) - volume(a));
}

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

/** `scaled(x, channels)` and `biased(x, channels)`; declares bindings 3 and 4. */
export const affine = {
  aligned: { path: 'lib/affine/aligned.wgsl', code: affineAligned },
  scalar: { path: 'lib/affine/scalar.wgsl', code: affineScalar },
} as const satisfies Record<string, ShaderPart>;

/** `addResidual(x, at)`; but for `none` declares binding 5. */
export const quadResidual = {
  none: { path: 'lib/quadResidual/none.wgsl', code: quadResidualNone },
  aligned: { path: 'lib/quadResidual/aligned.wgsl', code: quadResidualAligned },
  scalar: { path: 'lib/quadResidual/scalar.wgsl', code: quadResidualScalar },
} as const satisfies Record<string, ShaderPart>;

/** `storeSum(at, wanted, values)`; but for `none` declares binding 6. */
export const residualSum = {
  none: { path: 'lib/residualSum/none.wgsl', code: residualSumNone },
  aligned: { path: 'lib/residualSum/aligned.wgsl', code: residualSumAligned },
  scalar: { path: 'lib/residualSum/scalar.wgsl', code: residualSumScalar },
} as const satisfies Record<string, ShaderPart>;

/** `itemCount(length)`, `firstItem(item, at, end)` and `laterItem(item, at, end)`: whether a row is read once or again. */
export const rowCache = {
  registers: { path: 'lib/rowCache/registers.wgsl', code: rowCacheRegisters },
  memory: { path: 'lib/rowCache/memory.wgsl', code: rowCacheMemory },
} as const satisfies Record<string, ShaderPart>;

/** `softmaxResult(x, largest, sum)` and the like: shares of a sum, or their logarithms. */
export const softmaxResult = {
  share: { path: 'lib/softmaxResult/share.wgsl', code: softmaxResultShare },
  log: { path: 'lib/softmaxResult/log.wgsl', code: softmaxResultLog },
} as const satisfies Record<string, ShaderPart>;

/** `quadOf(lane, lanes)`, `loadPair(at)` and `storeQuad(at, wanted, values)`; declares bindings 1 to 3. */
export const pairAccess = {
  aligned: { path: 'lib/pairAccess/aligned.wgsl', code: pairAccessAligned },
  scalar: { path: 'lib/pairAccess/scalar.wgsl', code: pairAccessScalar },
} as const satisfies Record<string, ShaderPart>;

/** `softmaxTerm4(y, dy)` and `softmaxGradient4(y, dy, sum)`, of a softmax or of its logarithm. */
export const softmaxGradient = {
  share: { path: 'lib/softmaxGradient/share.wgsl', code: softmaxGradientShare },
  log: { path: 'lib/softmaxGradient/log.wgsl', code: softmaxGradientLog },
} as const satisfies Record<string, ShaderPart>;

/** `scaled(x, channels)`; declares binding 4. */
export const channelScale = {
  aligned: { path: 'lib/channelScale/aligned.wgsl', code: channelScaleAligned },
  scalar: { path: 'lib/channelScale/scalar.wgsl', code: channelScaleScalar },
} as const satisfies Record<string, ShaderPart>;

/** `storeGradients(channel, sums)`; `scale` declares binding 2, `both` 3 as well. */
export const channelGradients = {
  scale: { path: 'lib/channelGradients/scale.wgsl', code: channelGradientsScale },
  both: { path: 'lib/channelGradients/both.wgsl', code: channelGradientsBoth },
} as const satisfies Record<string, ShaderPart>;
