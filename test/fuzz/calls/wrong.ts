import * as fc from 'fast-check';
import type { Call, Operand } from '../perform.ts';
import { COMPOSED } from '../composed.ts';
import { anyDtype, call, operands, ref, shape, type Family } from './values.ts';

/** Values that no option expects. */
const junk = fc.constantFrom<unknown>(
  NaN,
  -1,
  1.5,
  // No number of elements that memory could be asked for: 10^9 bins are, and take the CPU path many gigabytes.
  1e10,
  Infinity,
  0,
  '',
  'x',
  null,
  true,
  [],
  {},
  [-1],
  [0, 1],
  { length: 2 },
  { operand: 0 },
);

type Change = (given: Call, where: number, value: unknown, dtype: Operand['dtype']) => Call;

const withOperand = (given: Call, where: number, change: (operand: Operand) => Operand): Call =>
  given.operands.length === 0
    ? given
    : {
        ...given,
        operands: given.operands.map((one, index) =>
          index === where % given.operands.length ? change(one) : one,
        ),
      };

const isOptions = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('operand' in value);

/** The CPU path has no kernels that could be asked for by a wrong name. */
const CHOICE = new Set(['kernel', 'config']);

/** Every object of options in a call's arguments, however deep. */
function optionsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(optionsIn);
  if (!isOptions(value)) return [];
  return [
    value,
    ...Object.entries(value).flatMap(([name, part]) => (CHOICE.has(name) ? [] : optionsIn(part))),
  ];
}

const CHANGES: readonly Change[] = [
  // An operator of the caller's is exact for its own type only.
  (given, where, _, dtype) =>
    optionsIn(given.args).some((options) => 'combine' in options)
      ? given
      : withOperand(given, where, (one) => ({ ...one, dtype })),
  (given, where) =>
    withOperand(given, where, (one) => {
      const axis = where % Math.max(1, one.shape.length);
      return { ...one, shape: one.shape.map((size, at) => (at === axis ? size + 1 : size)) };
    }),
  (given, where) => withOperand(given, where, (one) => ({ ...one, shape: one.shape.slice(1) })),
  (given, where) => withOperand(given, where, (one) => ({ ...one, shape: [1, ...one.shape] })),
  (given, where) => ({ ...given, fault: { kind: 'disposed', operand: where } }),
  (given, where) =>
    given.operands.length > 1 ? { ...given, fault: { kind: 'foreign', operand: where } } : given,
  // What a composed call makes of its own arguments is no business of the library's.
  (given, where, value) =>
    given.op in COMPOSED
      ? given
      : {
          ...given,
          args: given.args.map((arg, index) => (index === where % given.args.length ? value : arg)),
        },
  (given, where, value) => {
    const args = structuredClone(given.args);
    const all = optionsIn(args);
    const options = all[where % Math.max(1, all.length)];
    if (!options) return given;
    // How others round is not known: an expression stays one that is exact, or becomes no expression.
    if ('combine' in options && value === 'x') return given;
    const names = [...Object.keys(options).filter((name) => !CHOICE.has(name)), 'unknown'];
    const name = names[where % names.length]!;
    // Scores of which the rounding alone is beyond what e^x can be, and a logSumExp that knows another: nothing is promised.
    if (given.op === 'attentionThereAndBack' && name === 'scale' && value === 1e10) return given;
    options[name] = value;
    return { ...given, args };
  },
];

/** A call with something wrong about it, or maybe not: one argument, one option, or an operand is another. */
export const disturbed = (calls: fc.Arbitrary<Call>): fc.Arbitrary<Call> =>
  fc
    .tuple(
      calls,
      fc.constantFrom(...CHANGES, CHANGES.at(-1)!, CHANGES.at(-1)!),
      fc.nat({ max: 99 }),
      junk,
      anyDtype,
    )
    // Offsets on the GPU are nobody's to check: what rows of no group hold is open.
    .map(([given, change, where, value, dtype]) =>
      given.op === 'groupedMatmulOnGpu' ? given : change(given, where, value, dtype),
    );

/** Methods of tensors and devices with any arguments at all. */
export const misuses: Family = fc.constant(
  fc.oneof(
    fc
      .tuple(
        shape,
        anyDtype,
        fc.constantFrom('slice', 'transpose', 'reshape', 'write'),
        fc.array(junk, { maxLength: 3 }),
      )
      .chain(([sizes, dtype, method, args]) =>
        call('tensorMethod', operands([sizes, dtype]), [ref(0), method, args]),
      ),
    fc
      .tuple(
        fc.constantFrom('tensor', 'empty'),
        fc.array(fc.oneof(junk, fc.constant('f16')), { maxLength: 3 }),
      )
      .chain(([method, args]) => call('deviceMethod', fc.constant([]), [method, args])),
  ),
);
