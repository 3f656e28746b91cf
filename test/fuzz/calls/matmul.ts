import * as fc from 'fast-check';
import { matmulOperation } from '../../../src/kernels/matmul/index.ts';
import type { Operand } from '../perform.ts';
import {
  activation,
  call,
  choiceOf,
  defined,
  flag,
  floating,
  maybe,
  offsetsOf,
  onceIn,
  operands,
  plainOperands,
  ref,
  seed,
  size,
  smallSize,
  within,
  withoutInfinities,
  type Dtype,
  type Family,
  type Spec,
} from './values.ts';

/** m, n, k, of a product that the CPU path makes in a moment. */
const sizes = fc.tuple(fc.oneof(fc.constant(1), size), size, size).map((given) => within(150_000, given));

/** What is done to the product, whichever its operands. */
const epilogue = fc.record({
  bias: flag,
  scaleA: onceIn(4),
  scaleB: onceIn(4),
  c: onceIn(3),
  residual: onceIn(3),
  termType: floating,
  activation,
  gated: onceIn(5),
});

const OPERANDS: readonly (readonly [Dtype, Dtype])[] = [
  ['f32', 'f32'],
  ['f32', 'f32'],
  ['f32', 'f32'],
  ['f16', 'f16'],
  ['f16', 'f16'],
  ['f32', 'f16'],
  ['f16', 'f32'],
  ['bf16', 'bf16'],
  ['f32', 'bf16'],
  ['i8', 'i8'],
];

const form = fc.record({
  types: fc.constantFrom(...OPERANDS),
  dtype: fc.constantFrom(undefined, undefined, 'f32', 'f16'),
  transposeA: flag,
  transposeB: flag,
  broadcast: flag,
  how: fc.constantFrom('matmul', 'matmul', 'matmul', 'matmulInto', 'prepackedMatmul'),
  epilogue,
  precision: fc.constantFrom(undefined, undefined, 'full', 'split'),
  accumulate: onceIn(6),
  choice: choiceOf(matmulOperation),
});

/** Terms by their names, behind the operands that there are already. */
function addTerms(
  list: Spec[],
  options: Record<string, unknown>,
  terms: Readonly<Record<string, Spec | false>>,
): void {
  for (const [name, spec] of Object.entries(terms)) {
    if (!spec) continue;
    options[name] = ref(list.length);
    list.push(spec);
  }
}

export const products: Family = form.map(
  ({ types: [a, b], how, epilogue: { termType, ...terms }, choice, ...p }) =>
    fc
      .record({
        sizes,
        batch: fc.array(smallSize, { maxLength: 2 }),
        alpha: maybe(fc.constantFrom(0.5, -2, 0)),
        beta: maybe(fc.constantFrom(0.5, -1, 0)),
        part: flag,
      })
      .chain(({ sizes: [m, columns, k], batch, alpha, beta, part }) => {
        const sums = a === 'i8' && p.dtype === undefined;
        const gated = terms.gated && !sums;
        const n = gated ? 2 * columns! : columns!;
        const transposeB = p.transposeB && how !== 'prepackedMatmul';
        const batchB = p.broadcast ? batch.map(() => 1) : batch;
        const list: Spec[] = [
          [[...batch, ...(p.transposeA ? [k!, m!] : [m!, k!])], a],
          [[...batchB, ...(transposeB ? [n, k!] : [k!, n])], b],
        ];
        const halves = (a === 'f16' && b === 'f16') || p.dtype === 'f16';
        const options: Record<string, unknown> = {
          transposeA: p.transposeA,
          transposeB,
          dtype: p.dtype,
          precision: p.precision === 'split' && !(a === 'f32' && b === 'f32') ? undefined : p.precision,
          accumulate: p.accumulate && a === 'f16' && b === 'f16' && p.dtype !== 'f32' ? 'f16' : undefined,
          ...(!sums && { alpha, beta: terms.c ? beta : undefined, ...terms.activation }),
          ...(gated && { gated }),
          ...choice,
        };
        if (!sums) {
          addTerms(list, options, {
            bias: terms.bias && [[n], termType],
            scaleA: terms.scaleA && [[m!], termType],
            scaleB: terms.scaleB && [[n], termType],
            c: terms.c && !gated && [[m!, n], termType],
            residual: terms.residual && [[...batch, m!, columns!], termType],
          });
        }
        // An infinite factor of a gate meets an activation that is zero in one precision and the least number in another.
        if (how !== 'matmulInto') {
          const drawn = operands(...list);
          return call(how, gated ? drawn.map(withoutInfinities) : drawn, [ref(0), ref(1), defined(options)]);
        }
        // The result goes to a tensor, or to some rows of a larger one, whose others stay as they are.
        const dtype = sums ? 'i32' : halves ? 'f16' : 'f32';
        const out: Spec = [[...batch, m! + (part ? 3 : 0), columns!], p.dtype === 'f32' ? 'f32' : dtype];
        const drawn = fc
          .tuple(operands(...list), seed)
          .map(([given, old]): Operand[] => [
            ...given,
            { shape: out[0], dtype: out[1], seed: old, distribution: 'normal' },
          ]);
        return call(how, gated ? drawn.map(withoutInfinities) : drawn, [
          ref(0),
          ref(1),
          ref(list.length),
          m!,
          defined(options),
        ]);
      }),
);

const weights = fc.record({
  format: fc.constantFrom('int4', 'int8', 'e4m3', 'e5m2'),
  blockSize: fc.constantFrom<32 | 64 | 128 | 256 | 'row'>(32, 64, 128, 256, 'row'),
  scaleType: fc.constantFrom('f32', 'f32', 'f16'),
  zeroPoints: flag,
});

/** Codes are random, so sums are large: numbers of half precision would be infinite. */
export const quantizedProducts: Family = fc
  .record({
    weights,
    dtype: floating,
    bias: flag,
    residual: onceIn(3),
    activation,
    choice: choiceOf(matmulOperation),
  })
  .map(({ weights: { zeroPoints, ...packed }, dtype, choice, ...terms }) =>
    fc.tuple(sizes, fc.array(smallSize, { maxLength: 1 }), seed).chain(([[m, n, k], batch, codes]) => {
      const list: Spec[] = [[[...batch, m!, k!], dtype]];
      const options: Record<string, unknown> = { dtype: 'f32', ...terms.activation, ...choice };
      addTerms(list, options, {
        bias: terms.bias && [[n!], dtype],
        residual: terms.residual && [[...batch, m!, n!], dtype],
      });
      const integers = packed.format.startsWith('int');
      return call('quantizedMatmul', plainOperands(...list), [
        ref(0),
        { shape: [...batch, n!, k!], codes, ...packed, zeroPoints: zeroPoints && integers },
        options,
      ]);
    }),
  );

/** Weights that the library quantises itself, from a tensor or from numbers on the host. */
export const quantizations: Family = fc
  .record({ weights, dtype: fc.constantFrom<Dtype>('f32', 'f16', 'bf16'), host: flag })
  .map(({ weights: { zeroPoints, ...packed }, dtype, host }) =>
    sizes.chain(([m, n, k]) =>
      call('quantizeAndMultiply', plainOperands([[m!, k!], 'f32'], [[n!, k!], dtype]), [
        ref(0),
        ref(1),
        { ...packed, ...(zeroPoints && packed.format.startsWith('int') && { zeroPoints }) },
        host,
      ]),
    ),
  );

export const groupedProducts: Family = fc
  .record({
    dtype: floating,
    transposeB: flag,
    bias: fc.constantFrom(false, 'all', 'each'),
    scaleB: onceIn(4),
    activation,
    uploaded: flag,
    choice: choiceOf(matmulOperation),
  })
  .map(({ dtype, transposeB, bias, scaleB, uploaded, choice, ...p }) =>
    fc
      .tuple(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 }), size, size)
      .chain(([counts, columns, depth]) => {
        const offsets = offsetsOf(counts);
        const groups = counts.length;
        const [rows, n, k] = within(100_000, [Math.max(1, offsets.at(-1)!), columns, depth]);
        const fitting = rows! < offsets.at(-1)! ? offsets.map((offset) => Math.min(offset, rows!)) : offsets;
        const list: Spec[] = [
          [[fitting.at(-1)!, k!], dtype],
          [[groups, ...(transposeB ? [n!, k!] : [k!, n!])], dtype],
        ];
        const options: Record<string, unknown> = { transposeB, ...p.activation, ...choice };
        addTerms(list, options, {
          bias: bias !== false && [bias === 'each' ? [groups, n!] : [n!], dtype],
          scaleB: scaleB && [[groups, n!], dtype],
        });
        return call(uploaded ? 'groupedMatmulOnGpu' : 'groupedMatmul', operands(...list), [
          ref(0),
          ref(1),
          fitting,
          options,
        ]);
      }),
  );
