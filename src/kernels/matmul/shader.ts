import {
  matmulInputs,
  type MatmulProblem,
  type MatrixLayout,
  type ResultLayout,
  type Term,
} from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { at, input, output, type Binding } from '../../runtime/plan.ts';
import type { DType } from '../../tensor.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/compose.ts';
import {
  activation,
  addend,
  bias,
  broadcast,
  columns,
  dot4,
  elementA,
  elementB,
  emit,
  operandA,
  operandB,
  remaining,
  residual,
  result,
  scaleA,
  scaleB,
  tile,
  tileOrder,
  transposeBytes,
  widen,
  workgroupIndex,
  type OperandWidth,
} from '../lib.ts';
import { paramsPart } from './params.ts';

/**
 * params 0, a 1, b 2, c 3, bias 4, addend 5, residual 6, offsets of groups 9, scaleA 10, scaleB 11; in a product that was
 * turned, a and b change places, and their scales.
 */
export function matmulBindings(problem: MatmulProblem, turned = false): readonly Binding[] {
  const { a, b, ...terms } = matmulInputs(
    problem,
    Array.from({ length: 8 }, (_, index) => input(index)),
  );
  // The operation's inputs are in the order of the product as it was before it was turned. A single one needs no exchange.
  const exchanged = turned && terms.scaleA !== undefined && terms.scaleB !== undefined;
  const scaleOfA = exchanged ? terms.scaleB : terms.scaleA;
  const scaleOfB = exchanged ? terms.scaleA : terms.scaleB;
  return [
    ...(turned ? [b, a] : [a, b]),
    at(3, output(0)),
    ...(terms.bias ? [at(4, terms.bias)] : []),
    ...(terms.addend ? [at(5, terms.addend)] : []),
    ...(terms.residual ? [at(6, terms.residual)] : []),
    ...(terms.offsets ? [at(9, terms.offsets)] : []),
    ...(scaleOfA ? [at(10, scaleOfA)] : []),
    ...(scaleOfB ? [at(11, scaleOfB)] : []),
  ];
}

/** How many elements of an operand a kernel wants to read at a time; less where its lines do not allow it. */
export interface Widths {
  readonly a: 1 | 4 | 8;
  readonly b: 1 | 4 | 8;
}

/**
 * What kernels share besides their own text: how operands are read, and what becomes of the sums.
 *
 * @param partial the sums are those of slices of k, and kept for `combine`
 */
export function matmulShader(
  problem: MatmulProblem,
  widths: Widths,
  partial = false,
): Required<Pick<ShaderSource, 'extensions' | 'aliases' | 'constants' | 'parts'>> {
  const { a, b } = problem;
  const operands: readonly ShaderPart[] = [
    ...operandParts(a, widths.a, alignmentOf(problem, 'a'), elementA, operandA),
    ...operandParts(b, widths.b, alignmentOf(problem, 'b'), elementB, operandB),
  ];
  return finishedShader(problem, operands, { ElemA: a.dtype, ElemB: b.dtype }, partial);
}

/** The same around a kernel's own way to read its operands. */
export function finishedShader(
  problem: MatmulProblem,
  operands: readonly ShaderPart[],
  operandTypes: Readonly<Record<string, DType>>,
  partial = false,
): ReturnType<typeof matmulShader> {
  const { gated } = problem;
  const types: Readonly<Record<string, DType>> = {
    ...operandTypes,
    Total: ofIntegers(problem) ? 'i32' : 'f32',
    ...(!partial && resultTypes(problem)),
  };
  // Elements of bf16 and i8 are read as words.
  const aliases = Object.fromEntries(
    Object.entries(types).filter(([, type]) => type !== 'bf16' && type !== 'i8'),
  );
  return {
    extensions: [...Object.values(aliases), problem.accumulate].includes('f16') ? ['f16'] : [],
    aliases,
    constants: { COLUMNS_PER_RESULT: gated ? 2 : 1 },
    parts: [
      ...common,
      tile[problem.grouped ? 'grouped' : 'dense'],
      columns[gated ? 'gated' : 'plain'],
      ...operands,
      ...(partial ? [emit.partial] : resultParts(problem)),
    ],
  };
}

/** Types of the result and of the terms. */
function resultTypes(problem: MatmulProblem): Readonly<Record<string, DType>> {
  const { c, bias, addend, residual } = problem;
  return {
    ElemC: c.dtype,
    ValueC: c.dtype === 'i32' ? 'i32' : 'f32',
    ...(problem.scaleA && { ScaleAElem: problem.scaleA.dtype }),
    ...(problem.scaleB && { ScaleBElem: problem.scaleB.dtype }),
    ...termType('BiasElem', bias),
    ...termType('AddendElem', addend),
    ...termType('ResidualElem', residual),
  };
}

/** What is done to the sums until they are stored. */
function resultParts(problem: MatmulProblem): readonly ShaderPart[] {
  const { gated } = problem;
  const stored = result[!gated && alignmentOf(problem, 'c') >= 4 ? 'vec4' : 'scalar'];
  if (problem.c.dtype === 'i32') return [stored, emit.sums];
  return [
    stored,
    scaleA[problem.scaleA ? 'rows' : 'none'],
    scaleB[problem.scaleB ? 'columns' : 'none'],
    bias[problem.bias ? 'columns' : 'none'],
    addend[termPart(problem.addend)],
    residual[termPart(problem.residual)],
    activation[problem.activation],
    emit[gated ? 'gated' : 'plain'],
  ];
}

const common = [paramsPart, broadcast, workgroupIndex, tileOrder, remaining, tile.place];

/** All that `finishedShader` may put around a kernel, for kernels' `parts`. */
export const everyFinishedPart: readonly ShaderPart[] = [
  ...common,
  ...[tile, columns, result, scaleA, scaleB, bias, addend, residual, activation, emit].flatMap((parts) =>
    Object.values(parts),
  ),
];

/** All that `matmulShader` may put around a kernel, for kernels' `parts`. */
export const everyMatmulPart: readonly ShaderPart[] = [
  ...everyFinishedPart,
  ...[elementA, elementB, operandA, operandB, widen].flatMap((parts) => Object.values(parts)),
];

const termPart = (term: Term | undefined): 'none' | 'inPlace' | 'matrix' =>
  term === undefined ? 'none' : term === 'inPlace' ? 'inPlace' : 'matrix';

const termType = (name: string, term: Term | undefined): Record<string, DType> =>
  term === undefined || term === 'inPlace' ? {} : { [name]: term.dtype };

/** How integers of 8 bits are multiplied: `dot4` and `transposeBytes`. */
export const integerParts = ({ wgslFeatures }: Capabilities): readonly ShaderPart[] => [
  dot4[wgslFeatures.includes('packed_4x8_integer_dot_product') ? 'packed' : 'shifted'],
  transposeBytes,
];

/** All that `integerParts` may give, for kernels' `parts`. */
export const everyIntegerPart: readonly ShaderPart[] = [...Object.values(dot4), transposeBytes];

/** Whether a product is one of integers. */
export const ofIntegers = ({ accumulate }: Pick<MatmulProblem, 'accumulate'>): boolean =>
  accumulate === 'i32';

/**
 * How an operand is reached: up to `wanted` elements at a time where its lines allow it, else one by one; a kernel that wants
 * one at a time reads them through `elementA` or `elementB`.
 */
function operandParts(
  { dtype }: MatrixLayout,
  wanted: 1 | 4 | 8,
  alignment: number,
  element: typeof elementA,
  operand: typeof operandA,
): readonly ShaderPart[] {
  if (dtype === 'i8') {
    if (wanted === 1) return [element.bytes];
    return [operand[alignment < 4 ? 'bytes' : wanted === 8 && alignment >= 8 ? 'byteEights' : 'byteFours']];
  }
  const decode = dtype === 'f32' ? [] : [widen[dtype]];
  const storage = element[dtype === 'bf16' ? 'pairs' : 'plain'];
  if (wanted === 1) return [storage, ...decode];
  if (alignment < 4) return [storage, operand.elements, ...decode];
  const width: OperandWidth =
    wanted === 8 && alignment >= 8 && dtype !== 'f32' ? 'halves' : dtype === 'bf16' ? 'quads' : 'vec4';
  return [operand[width], ...decode];
}

/**
 * What all lines of an operand or of the result start and end at multiples of: 8, 4 or 1. An empty operand has too little
 * memory for a vector.
 */
export function alignmentOf(problem: MatmulProblem, which: 'a' | 'b' | 'c'): 8 | 4 | 1 {
  const { m, n, k, a, b, c, batchDims } = problem;
  const [layout, lines, length]: readonly [MatrixLayout | ResultLayout, number, number] = {
    a: [a, a.transposed ? k : m, a.transposed ? m : k] as const,
    b: [b, b.transposed ? n : k, b.transposed ? k : n] as const,
    c: [c, m, n] as const,
  }[which];
  // Rows of a group start anywhere.
  if (layout.elements === 0 || (which === 'a' && problem.grouped && a.transposed)) return 1;
  const positions = [
    length,
    layout.offset,
    lines > 1 ? layout.lineStride : 0,
    ...layout.batchStrides.filter((_, axis) => batchDims[axis]! > 1),
  ];
  return ([8, 4] as const).find((step) => positions.every((position) => position % step === 0)) ?? 1;
}
