import {
  l1Norm,
  l2Norm,
  logSum,
  logSumExp,
  matmul,
  max,
  mean,
  min,
  prod,
  softmax,
  sum,
  sumSquare,
  type Device,
  type ReductionOptions,
  type Tensor,
} from '../../src/node.ts';
import type { DType } from '../../src/tensor.ts';
import type { CaseTensor, WebnnCase } from './cases.ts';

/** What a case gives, what it expects, and how far they may be apart. */
export interface Outcome {
  readonly got: Tensor;
  readonly expected: CaseTensor;
  /** The suite's tolerance, in units in the last place of the result's type. */
  readonly toleranceUlp: number;
}

interface Reduction {
  readonly reduce: (x: Tensor<'f32'>, options: ReductionOptions) => Tensor;
  /** The suite's tolerance where `count` elements are made into one. */
  readonly toleranceUlp: (count: number) => number;
}

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  reduceSum: { reduce: sum, toleranceUlp: (count) => count },
  reduceMean: { reduce: mean, toleranceUlp: (count) => count + 2 },
  reduceMax: { reduce: max, toleranceUlp: () => 0 },
  reduceMin: { reduce: min, toleranceUlp: () => 0 },
  reduceProduct: { reduce: prod, toleranceUlp: (count) => count },
  reduceSumSquare: { reduce: sumSquare, toleranceUlp: (count) => 2 * count },
  reduceL1: { reduce: l1Norm, toleranceUlp: (count) => count },
  reduceL2: { reduce: l2Norm, toleranceUlp: (count) => 2 * count + 1 },
  reduceLogSum: { reduce: logSum, toleranceUlp: (count) => count + 18 },
  reduceLogSumExp: { reduce: logSumExp, toleranceUlp: (count) => 2 * count + 18 },
};

const DTYPES: Readonly<Record<CaseTensor['descriptor']['dataType'], DType>> = {
  float32: 'f32',
  float16: 'f16',
  int32: 'i32',
  uint32: 'u32',
};

/** Numbers of a tensor of a case. */
export function numbersOf({ data }: CaseTensor): readonly number[] {
  return typeof data === 'number' ? [data] : data;
}

/** Runs a case through this library's operation. */
export function runCase(device: Device, { graph }: WebnnCase): Outcome {
  const [operator] = graph.operators;
  const given = Object.assign({}, ...operator!.arguments) as Readonly<Record<string, unknown>>;
  const operand = (name: string): Tensor<'f32'> => {
    const tensor = graph.inputs[given[name] as string]!;
    const { shape, dataType } = tensor.descriptor;
    return device.tensor(numbersOf(tensor), shape, DTYPES[dataType]) as Tensor<'f32'>;
  };
  const [expected] = Object.values(graph.expectedOutputs);
  return { ...apply(operator!.name, given, operand), expected: expected! };
}

function apply(
  name: string,
  given: Readonly<Record<string, unknown>>,
  operand: (name: string) => Tensor<'f32'>,
): Omit<Outcome, 'expected'> {
  if (name === 'matmul') {
    const a = operand('a');
    const k = a.shape.at(-1)!;
    return { got: matmul(a, operand('b')), toleranceUlp: 2 * k };
  }
  const x = operand('input');
  if (name === 'softmax') {
    const axis = given['axis'] as number;
    return { got: softmax(x, { axis }), toleranceUlp: 3 * x.shape[axis]! + 3 };
  }
  const reduction = REDUCTIONS[name];
  if (!reduction) throw new Error(`no operation for WebNN's ${name}`);
  const options = (given['options'] ?? {}) as { axes?: readonly number[]; keepDimensions?: boolean };
  const got = reduction.reduce(x, { axes: options.axes, keepDims: options.keepDimensions });
  return { got, toleranceUlp: reduction.toleranceUlp(x.size / got.size) };
}
