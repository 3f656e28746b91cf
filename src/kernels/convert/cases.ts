import { conversion, type ConvertProblem } from '../../reference/convert.ts';
import { DTYPES } from '../../tensor.ts';
import type { Case } from '../define.ts';

/** Every conversion, of a number of elements that fills no word. */
const conversions = DTYPES.flatMap((from) =>
  DTYPES.filter((to) => conversion(from, to)).map((to): Case<ConvertProblem> => ({
    name: `${from} to ${to}`,
    problem: {
      from,
      to,
      dims: [1, 1, 1, 1031],
      valid: 1031,
      strides: [0, 0, 0, 1],
      offset: 0,
      elements: 1031,
    },
  })),
);

/** A slice of a matrix, its transpose, four axes in another order, and a number repeated. */
const views: readonly Case<ConvertProblem>[] = (['f32', 'f16', 'bf16', 'i8'] as const).flatMap((dtype) => [
  {
    name: `${dtype} slice of columns`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [1, 1, 13, 7],
      valid: 7,
      strides: [0, 0, 21, 1],
      offset: 5,
      elements: 273,
    },
  },
  {
    name: `${dtype} transpose`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [1, 1, 37, 19],
      valid: 19,
      strides: [0, 0, 1, 37],
      offset: 0,
      elements: 703,
    },
  },
  {
    name: `${dtype} four axes in another order`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [3, 5, 2, 4],
      valid: 4,
      strides: [4, 24, 12, 1],
      offset: 0,
      elements: 120,
    },
  },
  {
    name: `${dtype} broadcast`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [1, 1, 5, 3],
      valid: 3,
      strides: [0, 0, 0, 1],
      offset: 1,
      elements: 4,
    },
  },
]);

/** Lines padded with zeros, of a matrix and of its transpose. */
const padded: readonly Case<ConvertProblem>[] = (['f32', 'f16', 'i8'] as const).flatMap((dtype) => [
  {
    name: `${dtype} lines padded`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [1, 3, 5, 16],
      valid: 11,
      strides: [0, 55, 11, 1],
      offset: 0,
      elements: 165,
    },
  },
  {
    name: `${dtype} transpose padded`,
    problem: {
      from: dtype,
      to: dtype,
      dims: [1, 1, 7, 8],
      valid: 3,
      strides: [0, 0, 1, 7],
      offset: 2,
      elements: 23,
    },
  },
]);

export const convertCases: readonly Case<ConvertProblem>[] = [
  ...conversions,
  ...views,
  ...padded,
  {
    name: 'f32 to bf16, NaN',
    problem: {
      from: 'f32',
      to: 'bf16',
      dims: [1, 1, 1, 64],
      valid: 64,
      strides: [0, 0, 0, 1],
      offset: 0,
      elements: 64,
    },
    distribution: 'nan',
  },
  {
    name: 'f32 to bf16, infinities',
    problem: {
      from: 'f32',
      to: 'bf16',
      dims: [1, 1, 1, 64],
      valid: 64,
      strides: [0, 0, 0, 1],
      offset: 0,
      elements: 64,
    },
    distribution: 'infinities',
  },
];
