import {
  matmul,
  max,
  mean,
  min,
  softmax,
  sum,
  type Device,
  type ReductionOptions,
  type Tensor,
} from '../../src/node.ts';
import type { CaseTensor, WebnnCase } from './cases.ts';

type Floating = Tensor<'f32'> | Tensor<'f16'>;

/** What a case gives, what it expects, and how far they may be apart. */
export interface Outcome {
  readonly got: Floating;
  readonly expected: CaseTensor;
  /** The suite's tolerance, in units in the last place of the result's type. */
  readonly toleranceUlp: number;
}

const REDUCTIONS: Readonly<Record<string, (x: Tensor<'f32'>, options: ReductionOptions) => Tensor<'f32'>>> = {
  reduceSum: sum,
  reduceMean: mean,
  reduceMax: max,
  reduceMin: min,
};

/** Numbers of a tensor of a case. */
export function numbersOf({ data }: CaseTensor): readonly number[] {
  return typeof data === 'number' ? [data] : data;
}

/** Runs a case through this library's operation. */
export function runCase(device: Device, { graph }: WebnnCase): Outcome {
  const [operator] = graph.operators;
  const given = Object.assign({}, ...operator!.arguments) as Readonly<Record<string, unknown>>;
  const operand = (name: string): Floating => {
    const { descriptor, ...tensor } = graph.inputs[given[name] as string]!;
    const dtype = descriptor.dataType === 'float16' ? 'f16' : 'f32';
    return device.tensor(numbersOf({ descriptor, ...tensor }), descriptor.shape, dtype) as Floating;
  };
  const [expected] = Object.values(graph.expectedOutputs);
  return { ...apply(operator!.name, given, operand), expected: expected! };
}

function apply(
  name: string,
  given: Readonly<Record<string, unknown>>,
  operand: (name: string) => Floating,
): Omit<Outcome, 'expected'> {
  if (name === 'matmul') {
    const a = operand('a');
    const k = a.shape.at(-1)!;
    return { got: matmul(a as Tensor<'f32'>, operand('b') as Tensor<'f32'>), toleranceUlp: 2 * k };
  }
  const x = operand('input') as Tensor<'f32'>;
  if (name === 'softmax') {
    const axis = given['axis'] as number;
    return { got: softmax(x, { axis }), toleranceUlp: 3 * x.shape[axis]! + 3 };
  }
  const reduce = REDUCTIONS[name];
  if (!reduce) throw new Error(`no operation for WebNN's ${name}`);
  const options = (given['options'] ?? {}) as { axes?: readonly number[]; keepDimensions?: boolean };
  const got = reduce(x, { axes: options.axes, keepDims: options.keepDimensions });
  const count = x.size / got.size;
  const toleranceUlp = { reduceSum: count, reduceMean: count + 2, reduceMax: 0, reduceMin: 0 }[name]!;
  return { got, toleranceUlp };
}
