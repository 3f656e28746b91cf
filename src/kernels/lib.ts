// WGSL snippets of shaders/lib that several operations use, each with one small interface that its first lines state.
import type { Activation } from '../reference/activation.ts';
import type { DType } from '../tensor.ts';
import type { ShaderPart } from '../wgsl/source.ts';
import { part, variants } from '../wgsl/part.ts';
import { commonTexts, operatorsTexts } from './texts.ts';

export const workgroupIndex = part(commonTexts, 'lib/workgroupIndex');

export const broadcast = part(commonTexts, 'lib/broadcast');

export const expOrNan = part(commonTexts, 'lib/expOrNan');

/** `activate(x)`, by name. */
export const activation: Readonly<Record<Activation, ShaderPart>> = variants(commonTexts, 'lib/activation', [
  'none',
  'relu',
  'gelu',
  'geluTanh',
  'silu',
  'sigmoid',
  'tanh',
  'clip',
]);

/** `widen(word)`: two numbers of 16 bits. */
export const widen = variants(commonTexts, 'lib/widen', ['f16', 'bf16']);

/** `dot4(a, b)` of integers of 8 bits, four to a word. */
export const dot4 = variants(commonTexts, 'lib/dot4', ['packed', 'shifted']);

/** An operator of reductions: `State`, `identity()`, `lift(x, index)`, `combine(a, b)`. */
export const reduce = variants(operatorsTexts, 'lib/reduce', [
  'sum',
  'sumAbs',
  'sumSquare',
  'product',
  'extreme',
  'argExtreme',
  'any',
  'all',
  'logSumExp',
  'moments',
  'custom',
  'exactSum',
]);

/** `finish(state, count, divisor)`: what a reduction stores. */
export const finish = variants(operatorsTexts, 'lib/finish', [
  'same',
  'mean',
  'sqrt',
  'log',
  'extreme',
  'argExtreme',
  'logSumExp',
  'variance',
  'std',
  'exactSum',
  'exactMean',
  'partial',
]);

/** `quotient(state, divisor)` for exact sums, with the format of what is stored. */
export const exactResult = variants(operatorsTexts, 'lib/exactResult', ['quotient', 'f32', 'f16']);

/** `orderKey(x)`, `rankKey(x)` and `fromOrderKey(key)`: numbers as unsigned integers that sort alike. */
export const order = variants(operatorsTexts, 'lib/order', ['f32', 'i32', 'u32']);

/** `Elem`, and `Words`: four of them as they lie in memory. */
export function elementAliases(dtype: DType): { readonly Elem: DType; readonly Words: string } {
  return { Elem: dtype, Words: dtype === 'f16' ? 'vec2<u32>' : 'vec4<u32>' };
}

/** `quadOf(lane, lanes)` and `loadQuad(at)`; declares binding 1. */
export const quad = variants(commonTexts, 'lib/quad', ['aligned', 'scalar']);

/** `storeQuad(at, wanted, values)`; declares binding 2. */
export const quadStore = variants(commonTexts, 'lib/quadStore', ['aligned', 'scalar']);

/** `blockAt(index)` of a paged cache's table; binding 12. */
export const blockTable = part(commonTexts, 'lib/smallInput/blockTable');

/** `keyRow(batch, key)`, by how attention's keys lie; `paged` and `pagedPart` expect `blockAt`. */
export const keyRow = variants(commonTexts, 'lib/keyRow', ['straight', 'ring', 'paged', 'pagedPart']);

/** Why kernels for tensor cores are passed over where there are none. */
export const NO_MATRICES = 'the adapter has no subgroup matrices';

/** `itemCount(length)`, `firstItem(item, at, end)` and `laterItem(item, at, end)`: whether a row is read once or again. */
export const rowCache = variants(commonTexts, 'lib/rowCache', ['registers', 'memory']);

/** `quadOf(lane, lanes)`, `loadPair(at)` and `storeQuad(at, wanted, values)`; declares bindings 1 to 3. */
export const pairAccess = variants(commonTexts, 'lib/pairAccess', ['aligned', 'scalar']);
