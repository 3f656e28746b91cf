import {
  l1Norm,
  l2Norm,
  layerNorm,
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
  readonly got: Tensor<'f32'> | Tensor<'f16'> | Tensor<'i32'> | Tensor<'u32'>;
  readonly expected: CaseTensor;
  /** The suite's tolerance, in units in the last place of the result's type. */
  readonly toleranceUlp: number;
}

interface Reduction {
  readonly reduce: (x: Tensor<'f32'>, options: ReductionOptions) => Tensor<'f32'>;
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
  const operand = (name: string): CaseTensor => graph.inputs[given[name] as string]!;
  const [expected] = Object.values(graph.expectedOutputs);
  const upload = (tensor: CaseTensor, shape = tensor.descriptor.shape): Tensor<'f32'> =>
    device.tensor(numbersOf(tensor), shape, DTYPES[tensor.descriptor.dataType]) as Tensor<'f32'>;
  if (operator!.name === 'layerNormalization') {
    const options = (given['options'] ?? {}) as LayerOptions;
    return { ...applyLayerNorm(operand('input'), options, graph.inputs, upload), expected: expected! };
  }
  return { ...apply(operator!.name, given, (name) => upload(operand(name))), expected: expected! };
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

interface LayerOptions {
  readonly axes?: readonly number[];
  readonly epsilon?: number;
  /** Names of inputs. */
  readonly scale?: string;
  readonly bias?: string;
}

/**
 * WebNN normalises all axes but the first by default, and its scale and bias have their axes in the order in which `axes` names
 * them; ours have them in the input's.
 */
function applyLayerNorm(
  input: CaseTensor,
  { axes, epsilon, scale, bias }: LayerOptions,
  inputs: WebnnCase['graph']['inputs'],
  upload: (tensor: CaseTensor) => Tensor<'f32'>,
): Omit<Outcome, 'expected'> {
  const normalised = axes ?? [...input.descriptor.shape.keys()].slice(1);
  const affine = (name: string | undefined): Tensor | undefined =>
    name === undefined ? undefined : upload(inAscendingOrder(inputs[name]!, normalised));
  const options = { axes: normalised, epsilon, scale: affine(scale), bias: affine(bias) };
  return { got: layerNorm(upload(input), options), toleranceUlp: 14 };
}

/** A tensor whose axes are named by `axes`, with the same axes in ascending order. */
function inAscendingOrder({ data, descriptor }: CaseTensor, axes: readonly number[]): CaseTensor {
  const { shape } = descriptor;
  const order = [...axes.keys()].sort((a, b) => axes[a]! - axes[b]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  let offsets = [0];
  for (const axis of order) {
    const steps = Array.from({ length: shape[axis]! }, (_, i) => i * strides[axis]!);
    offsets = offsets.flatMap((offset) => steps.map((step) => offset + step));
  }
  const numbers = numbersOf({ data, descriptor });
  return {
    data: offsets.map((offset) => numbers[offset]!),
    descriptor: { ...descriptor, shape: order.map((axis) => shape[axis]!) },
  };
}
