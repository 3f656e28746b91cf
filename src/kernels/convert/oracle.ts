import { type ConvertProblem } from '../../reference/convert.ts';
import { convertReference } from '../../reference/convertReference.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';

export const convertOracle: Oracle<ConvertProblem> = {
  reference: (problem, [x]) => [convertReference(problem, x!)],
  /** Rounding to the type, and before that, for integers, to f32. */
  errorBound: ({ from, to }, _inputs, [expected]) => {
    const units =
      from === to ? 0 : roundingUnit(to) + (from === 'i32' || from === 'u32' ? roundingUnit('f32') : 0);
    return [expected!.map((value) => units * Math.abs(value))];
  },
};
