import type { AttentionProblem } from '../../reference/attention.ts';
import type { Capabilities, SubgroupMatrixConfig } from '../../runtime/capabilities.ts';
import { ceilDiv } from '../define.ts';
import { part } from '../../wgsl/part.ts';
import { NO_MATRICES } from '../lib.ts';
import { subgroupMatrices } from '../subgroupMatrices.ts';
import { attentionMatricesTexts } from '../texts.ts';

/** `notFinite(eight)`. */
export const notFinite = part(attentionMatricesTexts, 'lib/notFinite');

/** The adapter's sizes of matrices, the largest first. */
export const matricesOf = (caps: Capabilities): readonly SubgroupMatrixConfig[] =>
  subgroupMatrices(caps, 'f16', 'f32');

/** Elements of a row that are covered at a time, by one matrix or several. */
const COVERED_AT_ONCE = 16;

/** Elements of a row that matrices cover: rounded up, so that one shader serves heads of neighbouring sizes. */
export const covered = (dim: number): number => ceilDiv(dim, COVERED_AT_ONCE) * COVERED_AT_ONCE;

/** Sums and operands that an invocation may hold, in registers of 32 bits: of 255, which the rest needs too. */
export const MAX_REGISTERS = 192;

/** Constants of the shaders: sizes of matrices, and what they cover. */
export const matrixConstants = (
  { m, n, k }: SubgroupMatrixConfig,
  { headDim, headDimV }: AttentionProblem,
  caps: Capabilities,
): Readonly<Record<string, number>> => ({
  SUBGROUP_SIZE: caps.subgroups!.maxSize,
  MATRIX_M: m,
  MATRIX_N: n,
  MATRIX_K: k,
  HEAD: covered(headDim),
  VALUE: covered(headDimV),
});

/** Whether rows of these heads and tiles of `tile` rows consist of whole matrices, and subgroups of whole rows of them. */
export const fitsMatrices = (
  { m, n, k }: SubgroupMatrixConfig,
  tile: number,
  { subgroups }: Capabilities,
): boolean =>
  subgroups !== undefined &&
  subgroups.maxSize % m === 0 &&
  tile % n === 0 &&
  tile % k === 0 &&
  COVERED_AT_ONCE % n === 0 &&
  COVERED_AT_ONCE % k === 0;

/** Why tensor cores cannot make a problem's products, whatever the size of its heads, or undefined if they can. */
export function whyNoMatrices(
  { dtype, quantised, seqLenKv, headDim, headDimV }: AttentionProblem,
  caps: Capabilities,
): string | undefined {
  if (dtype !== 'f16') return 'tensor cores multiply half precision, and f32 must not lose digits';
  if (quantised)
    return 'keys and values are quantised, and tensor cores are given them as they lie in memory';
  if (seqLenKv === 0) return 'there are no keys';
  if (headDim % 8 !== 0 || headDimV % 8 !== 0) {
    return `rows are read eight elements at a time, and heads of ${headDim} and ${headDimV} elements are no multiple of that`;
  }
  if (matricesOf(caps).length === 0) return `${NO_MATRICES} of f16 with sums in f32`;
  if (!caps.subgroups || caps.subgroups.minSize !== caps.subgroups.maxSize)
    return 'the size of subgroups is not fixed on this adapter';
  if (!caps.wgslFeatures.includes('subgroup_id')) return 'this adapter does not number its subgroups';
  return undefined;
}
