import * as fc from 'fast-check';
import type { Config, Kernel } from '../../../src/kernels/define.ts';
import type { KernelChoice } from '../../../src/node.ts';
import { DTYPES } from '../../../src/tensor.ts';
import type { Call, Operand } from '../perform.ts';

export type Dtype = Operand['dtype'];

/**
 * Calls that share an option set, one draw of which is an arbitrary of calls: they differ in shapes and numbers, which shaders take
 * as data, so that few of them compile anything.
 */
export type Family = fc.Arbitrary<fc.Arbitrary<Call>>;

/** Sizes of axes: empty, one, around the edges of tiles and vectors, primes. */
export const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 4, arbitrary: fc.constantFrom(15, 16, 17, 31, 32, 33, 63, 64, 65) },
  { weight: 2, arbitrary: fc.constantFrom(97, 127, 128, 129, 251, 255, 256, 257) },
  { weight: 1, arbitrary: fc.constant(0) },
);
export const longSize = fc.oneof(
  { weight: 8, arbitrary: size },
  { weight: 2, arbitrary: fc.constantFrom(1000, 1023, 1024, 1025, 2049) },
  { weight: 1, arbitrary: fc.constantFrom(4095, 4097, 10_007) },
);
export const smallSize = fc.integer({ min: 1, max: 4 });
export const flag = fc.boolean();
export const seed = fc.integer({ min: 1, max: 1_000_000 });
export const floating = fc.constantFrom<Dtype>('f32', 'f32', 'f16');
export const arithmetic = fc.constantFrom<Dtype>('f32', 'f32', 'f16', 'i32', 'u32');
export const anyDtype = fc.constantFrom(...DTYPES);
export const activation = fc.constantFrom<object>(
  {},
  ...['none', 'relu', 'gelu', 'geluTanh', 'silu', 'sigmoid', 'tanh'].map((name) => ({ activation: name })),
  { activation: 'clip', limits: [-0.5, 2] },
);

export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

/** Once in so many. */
export const onceIn = (turns: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 1, max: turns }).map((turn) => turn === turns);

/** The sizes, of which the largest become small until their product is within a limit: the CPU path has to go through all of it. */
export function within(limit: number, sizes: readonly number[]): number[] {
  const fitting = [...sizes];
  const product = (): number => fitting.reduce((count, one) => count * one, 1);
  while (product() > limit) {
    const largest = fitting.indexOf(Math.max(...fitting));
    fitting[largest] = 1 + (fitting[largest]! % 7);
  }
  return fitting;
}

/** Shapes of one to four axes. */
export const shape = fc
  .tuple(fc.array(smallSize, { maxLength: 2 }), longSize, maybe(size))
  .map(([outer, length, inner]) =>
    within(12_000, [...outer, length, ...(inner === undefined ? [] : [inner])]),
  );

const distribution = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Operand['distribution']>('normal') },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Operand['distribution']>(
      'outliers',
      'infinities',
      'nan',
      'ties',
      'zeros',
      'nearOne',
    ),
  },
);

const view: fc.Arbitrary<Operand['view']> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 3 }).map((axis) => ({ kind: 'slice' as const, axis })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'transpose' as const }) },
);

function operand(sizes: readonly number[], dtype: Dtype): fc.Arbitrary<Operand> {
  return fc.tuple(seed, distribution, view).map(([number, drawn, seen]) => ({
    shape: sizes,
    dtype,
    seed: number,
    distribution: drawn,
    ...(seen && { view: seen }),
  }));
}

export type Spec = readonly [shape: readonly number[], dtype: Dtype];

export const operands = (...specs: readonly Spec[]): fc.Arbitrary<Operand[]> =>
  fc.tuple(...specs.map(([sizes, dtype]) => operand(sizes, dtype)));

/** Operands of ordinary numbers, for what has no useful bound on errors where they are not. */
export const plainOperands = (...specs: readonly Spec[]): fc.Arbitrary<Operand[]> =>
  operands(...specs).map((given) => given.map((one) => ({ ...one, distribution: 'normal' })));

export const withoutInfinities = (given: readonly Operand[]): Operand[] =>
  given.map((one) => (one.distribution === 'infinities' ? { ...one, distribution: 'normal' } : one));

export const ref = (index: number): { readonly operand: number } => ({ operand: index });

/** Leaves out what is undefined, so that a call is the same when it is read back from JSON. */
export const defined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

export const call = (
  op: string,
  given: fc.Arbitrary<Operand[]>,
  args: readonly unknown[],
): fc.Arbitrary<Call> => given.map((list) => ({ op, operands: list, args }));

export const axisOf = (sizes: readonly number[]): fc.Arbitrary<number> =>
  fc.integer({ min: -sizes.length, max: Math.max(0, sizes.length - 1) });

export const axesOf = (sizes: readonly number[]): fc.Arbitrary<number | number[] | undefined> =>
  fc.oneof(fc.constant(undefined), axisOf(sizes), fc.subarray(sizes.map((_, axis) => axis)));

/** Where parts of these sizes begin, and where the last ends. */
export function offsetsOf(counts: readonly number[]): number[] {
  const offsets = [0];
  for (const count of counts) offsets.push(offsets.at(-1)! + count);
  return offsets;
}

/** Mostly the library's own choice; else a kernel by its name, and up to two of its tuning parameters. */
export function choiceOf({
  kernels,
}: {
  readonly kernels: readonly Pick<Kernel<never>, 'name' | 'space'>[];
}): fc.Arbitrary<KernelChoice> {
  const one = fc.constantFrom(...kernels).chain(({ name, space }) =>
    fc
      .subarray(Object.keys(space), { maxLength: Math.min(2, Object.keys(space).length) })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((of) => [of, fc.constantFrom(...space[of]!)]))),
      )
      .map((config: Config) => ({ kernel: name, ...(Object.keys(config).length > 0 && { config }) })),
  );
  return fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: one });
}
