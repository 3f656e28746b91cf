import type { NormBackwardProblem } from '../../reference/norm.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { f32, u32 } from '../../runtime/params.ts';
import { scratch, type Pass } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { reduce, workgroupIndex } from '../lib.ts';
import { normTexts } from '../texts.ts';
import { groupShader, groupWorkgroups } from './sliceParams.ts';
import { afterRound, type RowSlices } from './slicing.ts';

/** Bytes of a row's mean and 1 / deviation. */
export const TOTALS_BYTES = 8;

const own = [reduce.sum, part(normTexts, 'norm/sliceTotals')];

export const sliceTotalsParts = [workgroupIndex, ...own];

/** The pass after each round of slices of a unit: from the statistics of all parts in one scratch buffer to the totals of its rows in another. */
export function sliceTotals(
  { kind, epsilon }: NormBackwardProblem,
  slices: RowSlices,
  caps: Capabilities,
  statistics: number,
  totals: number,
): (unit: number) => (round: number) => Pass {
  const { rows } = slices;
  const constants = { CENTERED: kind === 'layer' };
  return (unit) => (round) => {
    const { length, firstPart, endPart } = afterRound(slices, round);
    return {
      label: 'norm/sliceTotals',
      shader: groupShader(slices, { constants }, [workgroupIndex], own, caps),
      params: {
        rows: u32(rows),
        firstRow: u32(unit * rows),
        length: u32(length),
        firstPart: u32(firstPart),
        endPart: u32(endPart),
        epsilon: f32(epsilon),
      },
      bindings: [scratch(statistics), scratch(totals)],
      workgroups: groupWorkgroups(slices, 1, caps),
    };
  };
}
