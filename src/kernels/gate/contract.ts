import { gateReference, type GateProblem } from '../../reference/gate.ts';
import { dtypeSizeBytes } from '../../tensor.ts';
import { activationError } from '../activationError.ts';
import type { Contract } from '../define.ts';
import { roundingUnit } from '../rounding.ts';

export const gateContract: Contract<GateProblem> = {
  name: 'gate',
  inputs: ({ elements, dtype }) => [
    { shape: [elements], dtype },
    { shape: [elements], dtype },
  ],
  outputs: ({ elements, dtype }) => [{ shape: [elements], dtype }],
  key: ({ elements, dtype, activation, limits }) => `${elements},${dtype},${activation},${limits.join()}`,
  dtype: ({ dtype }) => dtype,
  shapeClass: () => 'any',
  flops: ({ elements }) => 2 * elements,
  bytes: ({ elements, dtype }) => 3 * elements * dtypeSizeBytes(dtype),
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
