import { gateReference, type GateProblem } from '../../reference/gate.ts';
import { activationError } from '../activationError.ts';
import type { Oracle } from '../define.ts';
import { roundingUnit } from '../rounding.ts';

export const gateOracle: Oracle<GateProblem> = {
  reference: (problem, [g, u]) => [gateReference(problem, g!, u!)],
  /** The activation's own error, the product's rounding, and that of storing. */
  errorBound: ({ activation, dtype }, [g, u], [expected]) => {
    const stored = roundingUnit('f32') + roundingUnit(dtype);
    return [
      expected!.map((value, index) => {
        const error = activationError(activation, g![index]!, 0) * Math.abs(u![index]!);
        return error + stored * (Math.abs(value) + error);
      }),
    ];
  },
};
