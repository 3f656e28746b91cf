import {
  isQuantized,
  matmulInputs,
  type MatmulProblem,
  type MatrixLayout,
  type QuantizedLayout,
  type ResultLayout,
  type Term,
} from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { CODINGS } from '../../reference/coding.ts';
import { at, input, output, type Binding } from '../../runtime/plan.ts';
import type { DType } from '../../tensor.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { activation, broadcast, dot4, widen, workgroupIndex } from '../lib.ts';
import {
  addend,
  bias,
  columns,
  decodeByte4,
  elementA,
  elementB,
  emit,
  integersFrom,
  operandA,
  operandB,
  remaining,
  residual,
  result,
  scaleA,
  scaleB,
  scaleBlock,
  scaleOf,
  tile,
  tileOrder,
  transposeBytes,
  weights,
  zeroOf,
  type ElementStorage,
  type OperandWidth,
} from './snippets.ts';
import { paramsPart } from './params.ts';

/** What a product's kernels bind besides params at 0: what is read to make the sums, and what to make c of them. */
interface MatmulBindings {
  /** a 1 and b 2; in a product that was turned they change places. */
  readonly operands: readonly Binding[];
  /** 3. */
  readonly c: Binding;
  /** bias 4, addend 5, residual 6. */
  readonly terms: readonly Binding[];
  /** Scales of quantised weights 7, their zero points 8. */
  readonly decoding: readonly Binding[];
  /** Offsets of groups 9. */
  readonly groups: readonly Binding[];
  /** scaleA 10, scaleB 11; in a product that was turned they change places too. */
  readonly scales: readonly Binding[];
}

export function matmulBindings(problem: MatmulProblem, turned = false): MatmulBindings {
  const { a, b, scales, zeroPoints, offsets, ...terms } = matmulInputs(
    problem,
    Array.from({ length: 10 }, (_, index) => input(index)),
  );
  // The operation's inputs are in the order of the product as it was before it was turned. A single one needs no exchange.
  const exchanged = turned && terms.scaleA !== undefined && terms.scaleB !== undefined;
  const scaleOfA = exchanged ? terms.scaleB : terms.scaleA;
  const scaleOfB = exchanged ? terms.scaleA : terms.scaleB;
  const optional = (number: number, binding: Binding | undefined): readonly Binding[] =>
    binding ? [at(number, binding)] : [];
  return {
    operands: turned ? [b, a] : [a, b],
    c: at(3, output(0)),
    terms: [...optional(4, terms.bias), ...optional(5, terms.addend), ...optional(6, terms.residual)],
    decoding: [...optional(7, scales), ...optional(8, zeroPoints)],
    groups: optional(9, offsets),
    scales: [...optional(10, scaleOfA), ...optional(11, scaleOfB)],
  };
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
  const plain = (name: string, { dtype }: MatrixLayout, parts: readonly ShaderPart[]): OperandSource => ({
    parts,
    types: { [name]: dtype },
  });
  const sources = [
    plain('ElemA', a, operandParts(a, widths.a, alignmentOf(problem, 'a'), elementA, operandA)),
    isQuantized(b)
      ? decodedSource(b, widths.b === 1 ? elementB.blocks : operandB.blocks)
      : plain('ElemB', b, operandParts(b, widths.b, alignmentOf(problem, 'b'), elementB, operandB)),
  ];
  return finishedShader(problem, sources, partial);
}

/** How an operand is read. */
interface OperandSource {
  readonly parts: readonly ShaderPart[];
  readonly types?: Readonly<Record<string, DType>>;
  readonly constants?: Readonly<Record<string, number>>;
}

/** The same around a kernel's own way to read its operands. */
export function finishedShader(
  problem: MatmulProblem,
  sources: readonly OperandSource[],
  partial = false,
): ReturnType<typeof matmulShader> {
  const { gated } = problem;
  const types: Readonly<Record<string, DType>> = {
    ...Object.fromEntries(entriesOf(sources.map(({ types }) => types))),
    Total: ofIntegers(problem) ? 'i32' : 'f32',
    ...(!partial && resultTypes(problem)),
  };
  // Elements of bf16 and i8 are read as words.
  const aliases = Object.fromEntries(
    Object.entries(types).filter(([, type]) => type !== 'bf16' && type !== 'i8'),
  );
  const constants = Object.fromEntries(entriesOf(sources.map(({ constants }) => constants)));
  return {
    extensions: [...Object.values(aliases), problem.accumulate].includes('f16') ? ['f16'] : [],
    aliases,
    constants: { COLUMNS_PER_RESULT: gated ? 2 : 1, ...constants },
    parts: [
      ...common,
      tile[problem.grouped ? 'grouped' : 'dense'],
      columns[gated ? 'gated' : 'plain'],
      ...sources.flatMap(({ parts }) => parts),
      ...(partial ? [emit.partial] : resultParts(problem)),
    ],
  };
}

const entriesOf = <T>(records: readonly (Readonly<Record<string, T>> | undefined)[]): [string, T][] =>
  records.flatMap((record) => Object.entries(record ?? {}));

/** Quantised weights, read through `loader`: with their codes, and the zero point and the scale of their block. */
export function decodedSource(
  { dtype, blockSize, scaleType, zeroPoints }: QuantizedLayout,
  loader: ShaderPart,
): OperandSource {
  const { bits, zero, integer } = CODINGS[dtype];
  return {
    parts: [
      ...(dtype === 'int4' ? [weights.nibbles] : [weights.bytes, decodeByte4[dtype]]),
      ...(integer ? [integersFrom] : []),
      zeroOf[zeroPoints ? 'blocks' : 'fixed'],
      scaleBlock[blockSize === 'row' ? 'row' : 'size'],
      scaleOf,
      loader,
    ],
    types: { ScaleElem: scaleType },
    constants: {
      ...(zeroPoints ? { BITS: bits } : { ZERO: zero }),
      ...(blockSize !== 'row' && { BLOCK_SIZE: blockSize }),
    },
  };
}

/** All that `decodedSource` may take besides its loader. */
export const everyDecodingPart: readonly ShaderPart[] = [
  ...[weights, decodeByte4, zeroOf, scaleBlock].flatMap((parts) => Object.values(parts)),
  integersFrom,
  scaleOf,
];

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
  ...everyDecodingPart,
  ...[elementA, elementB, operandA, operandB, widen].flatMap((parts) => Object.values(parts)),
];

const termPart = (term: Term | undefined): 'none' | 'inPlace' | 'matrix' =>
  term === undefined ? 'none' : term === 'inPlace' ? 'inPlace' : 'matrix';

const termType = (name: string, term: Term | undefined): Record<string, DType> =>
  term === undefined || term === 'inPlace' ? {} : { [name]: term.dtype };

/** How elements are multiplied; integers of 8 bits with `dot4` and `transposeBytes`. */
export const productParts = (
  problem: MatmulProblem,
  { floats, bytes }: Readonly<Record<'floats' | 'bytes', ShaderPart>>,
  { wgslFeatures }: Capabilities,
): readonly ShaderPart[] =>
  ofIntegers(problem)
    ? [
        bytes,
        dot4[wgslFeatures.includes('packed_4x8_integer_dot_product') ? 'packed' : 'shifted'],
        transposeBytes,
      ]
    : [floats];

/** What `productParts` may give for integers, for kernels' `parts`. */
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
  element: Readonly<Record<ElementStorage, ShaderPart>>,
  operand: Readonly<Record<OperandWidth, ShaderPart>>,
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
  const [layout, lines, length]: readonly [MatrixLayout | QuantizedLayout | ResultLayout, number, number] = {
    a: [a, a.transposed ? k : m, a.transposed ? m : k] as const,
    b: [b, b.transposed ? n : k, b.transposed ? k : n] as const,
    c: [c, m, n] as const,
  }[which];
  // Rows of a group start anywhere.
  if (layout.elements === 0 || (which === 'a' && problem.grouped && a.transposed)) return 1;
  const positions = [
    'padded' in layout && layout.padded ? 0 : length,
    layout.offset,
    lines > 1 ? layout.lineStride : 0,
    ...layout.batchStrides.filter((_, axis) => batchDims[axis]! > 1),
  ];
  return ([8, 4] as const).find((step) => positions.every((position) => position % step === 0)) ?? 1;
}
