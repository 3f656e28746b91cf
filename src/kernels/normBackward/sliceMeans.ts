import type { Capabilities } from '../../runtime/capabilities.ts';
import { u32 } from '../../runtime/params.ts';
import { scratch, type Pass } from '../../runtime/plan.ts';
import { part } from '../../wgsl/part.ts';
import { workgroupIndex } from '../lib.ts';
import { groupShader, groupWorkgroups } from '../norm/sliceParams.ts';
import { afterRound, type RowSlices } from '../norm/slicing.ts';
import { normBackwardTexts } from '../texts.ts';
import { sumPair } from './snippets.ts';

const own = [sumPair, part(normBackwardTexts, 'normBackward/sliceMeans')];

export const sliceMeansParts = [workgroupIndex, ...own];

/** The pass after each round of slices: from sums of all parts in one scratch buffer to the means of a unit's rows in another. */
export const sliceMeans =
  (slices: RowSlices, caps: Capabilities, sums: number, means: number) =>
  (round: number): Pass => {
    const { length, firstPart, endPart } = afterRound(slices, round);
    return {
      label: 'normBackward/sliceMeans',
      shader: groupShader(slices, {}, [workgroupIndex], own, caps),
      params: {
        rows: u32(slices.rows),
        length: u32(length),
        firstPart: u32(firstPart),
        endPart: u32(endPart),
      },
      bindings: [scratch(sums), scratch(means)],
      workgroups: groupWorkgroups(slices, 1, caps),
    };
  };
