import * as fc from 'fast-check';
import { normOperation } from '../../../src/kernels/norm/index.ts';
import { normBackwardOperation } from '../../../src/kernels/normBackward/index.ts';
import { softmaxOperation } from '../../../src/kernels/softmax/index.ts';
import { softmaxBackwardOperation } from '../../../src/kernels/softmaxBackward/index.ts';
import { sortOperation } from '../../../src/kernels/sort/index.ts';
import type { Call } from '../perform.ts';
import {
  arithmetic,
  axisOf,
  call,
  choiceOf,
  defined,
  flag,
  floating,
  longSize,
  maybe,
  operands,
  ref,
  seed,
  shape,
  size,
  smallSize,
  within,
  withoutInfinities,
  type Dtype,
  type Family,
  type Spec,
} from './values.ts';

export const softmaxes: Family = fc
  .tuple(
    fc.constantFrom('softmax', 'logSoftmax', 'softmaxBackward', 'logSoftmaxBackward'),
    floating,
    choiceOf(softmaxOperation),
    choiceOf(softmaxBackwardOperation),
  )
  .map(([op, dtype, forward, backward]) =>
    shape.chain((sizes) =>
      maybe(axisOf(sizes)).chain((axis) =>
        op.endsWith('Backward')
          ? // exp(y) may be too small for f32, and 0 times an infinity is no number.
            call(op, operands([sizes, dtype], [sizes, dtype]).map(withoutInfinities), [
              ref(0),
              ref(1),
              defined({ axis, ...backward }),
            ])
          : call(op, operands([sizes, dtype]), [ref(0), defined({ axis, ...forward })]),
      ),
    ),
  );

const NORMS = ['layerNorm', 'rmsNorm', 'addLayerNorm', 'addRmsNorm', 'groupNorm'];
const NORM_GRADIENTS = ['layerNormBackward', 'rmsNormBackward', 'groupNormBackward'];

export const norms: Family = fc
  .record({
    op: fc.constantFrom(...NORMS, ...NORM_GRADIENTS),
    dtype: floating,
    scale: flag,
    bias: flag,
    residual: flag,
    forward: choiceOf(normOperation),
    backward: choiceOf(normBackwardOperation),
  })
  .map((norm) =>
    fc
      .record({
        sizes: norm.op.startsWith('group')
          ? fc
              .tuple(smallSize, fc.integer({ min: 1, max: 24 }), fc.array(size, { maxLength: 2 }))
              .map(([batch, channels, positions]) => within(12_000, [batch, channels, ...positions]))
          : shape,
        axes: fc.nat({ max: 2 }),
        groups: smallSize,
        epsilon: maybe(fc.constantFrom(1e-6, 1e-3)),
      })
      .chain(({ sizes, axes, groups, epsilon }) => normCall(norm, sizes, { axes, groups, epsilon })),
  );

function normCall(
  {
    op,
    dtype,
    forward,
    backward,
    ...terms
  }: {
    readonly op: string;
    readonly dtype: Dtype;
    readonly scale: boolean;
    readonly bias: boolean;
    readonly residual: boolean;
    readonly forward: object;
    readonly backward: object;
  },
  sizes: readonly number[],
  numbers: { readonly axes: number; readonly groups: number; readonly epsilon: number | undefined },
): fc.Arbitrary<Call> {
  const isBackward = op.endsWith('Backward');
  const inGroups = op.startsWith('group');
  const second = isBackward || op.startsWith('add');
  // The last axis by default, or the last two.
  const normalised = numbers.axes === 2 && sizes.length > 1 ? [-1, -2] : [-1];
  const affine = inGroups ? [sizes[1]!] : normalised.length === 2 ? sizes.slice(-2) : sizes.slice(-1);
  const list: Spec[] = [[sizes, dtype]];
  const options: Record<string, unknown> = {
    epsilon: numbers.epsilon,
    ...(inGroups
      ? { groups: sizes[1]! % numbers.groups === 0 ? numbers.groups : 1 }
      : numbers.axes > 0 && { axes: normalised }),
    ...(isBackward ? backward : forward),
  };
  const add = (name: string, shapeOf: readonly number[]): void => {
    options[name] = ref(list.length);
    list.push([shapeOf, dtype]);
  };
  if (second) list.push([sizes, dtype]);
  if (terms.scale) add('scale', affine);
  if (terms.bias && !isBackward && /layer|group/i.test(op)) add('bias', affine);
  if (terms.residual && !second) add('residual', sizes);
  return call(op, operands(...list), [ref(0), ...(second ? [ref(1)] : []), defined(options)]);
}

export const sorts: Family = fc
  .tuple(
    fc.constantFrom('sort', 'argsort', 'topK', 'sortBy'),
    arithmetic,
    arithmetic,
    maybe(flag),
    choiceOf(sortOperation),
  )
  .map(([op, dtype, payload, down, choice]) =>
    shape.chain((sizes) =>
      fc.tuple(axisOf(sizes), fc.nat({ max: 70 })).chain(([axis, count]) => {
        if (op === 'sortBy')
          return call(op, operands([sizes, payload], [sizes, dtype]), [
            ref(0),
            ref(1),
            defined({ axis, descending: down, ...choice }),
          ]);
        const given = operands([sizes, dtype]);
        if (op !== 'topK') return call(op, given, [ref(0), defined({ axis, descending: down, ...choice })]);
        const most = Math.min(count, sizes.at(axis) ?? 1);
        return call(op, given, [ref(0), most, defined({ axis, largest: down, ...choice })]);
      }),
    ),
  );

export const samples: Family = fc
  .record({
    dtype: floating,
    chosen: flag,
    nucleus: flag,
  })
  .map(({ dtype, chosen, nucleus }) =>
    fc
      .tuple(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }), longSize)
      .chain(([outer, length]) => {
        const vocabulary = Math.max(1, length);
        return fc
          .record({
            temperature: maybe(fc.constantFrom(0, 0.7, 2, 1e-6)),
            topK: chosen ? fc.integer({ min: 1, max: Math.min(70, vocabulary) }) : fc.constant(undefined),
            minP: maybe(fc.constantFrom(0.05, 0.5)),
            topP: nucleus ? fc.constantFrom(0, 0.3, 0.95) : fc.constant(undefined),
            seed,
            step: maybe(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
          })
          .chain((options) =>
            call('sample', operands([[...outer, vocabulary], dtype]), [ref(0), defined(options)]),
          );
      }),
  );
