// WGSL snippets of shaders/lib that several operations use, each with one small interface that its first lines state.
import type { Activation } from '../reference/activation.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../runtime/capabilities.ts';
import type { DType } from '../tensor.ts';
import type { ShaderPart } from '../wgsl/compose.ts';
import activationClip from '../../shaders/lib/activation/clip.wgsl?raw';
import activationGelu from '../../shaders/lib/activation/gelu.wgsl?raw';
import activationGeluTanh from '../../shaders/lib/activation/geluTanh.wgsl?raw';
import activationNone from '../../shaders/lib/activation/none.wgsl?raw';
import activationRelu from '../../shaders/lib/activation/relu.wgsl?raw';
import activationSigmoid from '../../shaders/lib/activation/sigmoid.wgsl?raw';
import activationSilu from '../../shaders/lib/activation/silu.wgsl?raw';
import activationTanh from '../../shaders/lib/activation/tanh.wgsl?raw';
import broadcastSource from '../../shaders/lib/broadcast.wgsl?raw';
import dot4Packed from '../../shaders/lib/dot4/packed.wgsl?raw';
import dot4Shifted from '../../shaders/lib/dot4/shifted.wgsl?raw';
import exactResultF16 from '../../shaders/lib/exactResult/f16.wgsl?raw';
import exactResultF32 from '../../shaders/lib/exactResult/f32.wgsl?raw';
import exactQuotient from '../../shaders/lib/exactResult/quotient.wgsl?raw';
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
import keyRowPaged from '../../shaders/lib/keyRow/paged.wgsl?raw';
import keyRowRing from '../../shaders/lib/keyRow/ring.wgsl?raw';
import keyRowStraight from '../../shaders/lib/keyRow/straight.wgsl?raw';
import orderF32 from '../../shaders/lib/order/f32.wgsl?raw';
import orderI32 from '../../shaders/lib/order/i32.wgsl?raw';
import orderU32 from '../../shaders/lib/order/u32.wgsl?raw';
import pairAccessAligned from '../../shaders/lib/pairAccess/aligned.wgsl?raw';
import pairAccessScalar from '../../shaders/lib/pairAccess/scalar.wgsl?raw';
import quadAligned from '../../shaders/lib/quad/aligned.wgsl?raw';
import quadScalar from '../../shaders/lib/quad/scalar.wgsl?raw';
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
import reduceSum from '../../shaders/lib/reduce/sum.wgsl?raw';
import reduceSumAbs from '../../shaders/lib/reduce/sumAbs.wgsl?raw';
import reduceSumSquare from '../../shaders/lib/reduce/sumSquare.wgsl?raw';
import rowCacheMemory from '../../shaders/lib/rowCache/memory.wgsl?raw';
import rowCacheRegisters from '../../shaders/lib/rowCache/registers.wgsl?raw';
import smallBlockTable from '../../shaders/lib/smallInput/blockTable.wgsl?raw';
import widenBf16 from '../../shaders/lib/widen/bf16.wgsl?raw';
import widenF16 from '../../shaders/lib/widen/f16.wgsl?raw';
import workgroupIndexSource from '../../shaders/lib/workgroupIndex.wgsl?raw';

export const workgroupIndex: ShaderPart = { path: 'lib/workgroupIndex.wgsl', code: workgroupIndexSource };

export const broadcast: ShaderPart = { path: 'lib/broadcast.wgsl', code: broadcastSource };

export const expOrNan: ShaderPart = { path: 'lib/expOrNan.wgsl', code: expOrNanSource };

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

/** `widen(word)`: two numbers of 16 bits. */
export const widen: Readonly<Record<'f16' | 'bf16', ShaderPart>> = {
  f16: { path: 'lib/widen/f16.wgsl', code: widenF16 },
  bf16: { path: 'lib/widen/bf16.wgsl', code: widenBf16 },
};

/** `dot4(a, b)` of integers of 8 bits, four to a word. */
export const dot4: Readonly<Record<'packed' | 'shifted', ShaderPart>> = {
  packed: { path: 'lib/dot4/packed.wgsl', code: dot4Packed },
  shifted: { path: 'lib/dot4/shifted.wgsl', code: dot4Shifted },
};

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

/** `orderKey(x)`, `rankKey(x)` and `fromOrderKey(key)`: numbers as unsigned integers that sort alike. */
export const order: Readonly<Record<'f32' | 'i32' | 'u32', ShaderPart>> = {
  f32: { path: 'lib/order/f32.wgsl', code: orderF32 },
  i32: { path: 'lib/order/i32.wgsl', code: orderI32 },
  u32: { path: 'lib/order/u32.wgsl', code: orderU32 },
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

/** `blockAt(index)` of a paged cache's table; binding 12. */
export const blockTable: ShaderPart = { path: 'lib/smallInput/blockTable.wgsl', code: smallBlockTable };

/** `keyRow(batch, key)`, by how attention's keys lie; `paged` expects `blockAt`. */
export const keyRow: Readonly<Record<'straight' | 'ring' | 'paged', ShaderPart>> = {
  straight: { path: 'lib/keyRow/straight.wgsl', code: keyRowStraight },
  ring: { path: 'lib/keyRow/ring.wgsl', code: keyRowRing },
  paged: { path: 'lib/keyRow/paged.wgsl', code: keyRowPaged },
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

/** `itemCount(length)`, `firstItem(item, at, end)` and `laterItem(item, at, end)`: whether a row is read once or again. */
export const rowCache = {
  registers: { path: 'lib/rowCache/registers.wgsl', code: rowCacheRegisters },
  memory: { path: 'lib/rowCache/memory.wgsl', code: rowCacheMemory },
} as const satisfies Record<string, ShaderPart>;

/** `quadOf(lane, lanes)`, `loadPair(at)` and `storeQuad(at, wanted, values)`; declares bindings 1 to 3. */
export const pairAccess = {
  aligned: { path: 'lib/pairAccess/aligned.wgsl', code: pairAccessAligned },
  scalar: { path: 'lib/pairAccess/scalar.wgsl', code: pairAccessScalar },
} as const satisfies Record<string, ShaderPart>;
