import { expect } from 'vitest';
import { compare, type Comparison } from '../../../bench/measure/compare.ts';
import { randomElements } from '../../../bench/measure/inputs.ts';
import { isFloat, smallestNormal } from '../../../src/kernels/rounding.ts';
import type { CheckedOperation, Config } from '../../../src/kernels/define.ts';
import type { GpuDevice } from '../../../src/node.ts';
import { select } from '../../../src/ops/select.ts';
import { decodeElements, elementCount, encodeElements, type DType, type Shape } from '../../../src/tensor.ts';
import { poisoned, runGuarded } from './guarded.ts';

/** What the i-th element of a line of `length` becomes, of a number that was drawn for it. */
type Content = (drawn: number, i: number, length: number) => number;

/** What lines of floats are filled with, each by itself: what shapes are to be combined with. */
const FLOATS: readonly Content[] = [
  (drawn) => drawn,
  (drawn) => Math.round(drawn),
  () => 1.5,
  (_, i) => (i % 3 === 1 ? 0 : -0),
  (drawn, i, length) => (i === length >> 1 ? NaN : drawn),
  () => NaN,
  (drawn, i, length) => (i === length - 1 ? Infinity : drawn),
  (drawn, i) => (i === 0 ? -Infinity : drawn),
  (drawn, i, length) => (i === 0 ? -Infinity : i === length - 1 ? Infinity : drawn),
  () => -Infinity,
];

/** Numbers below the smallest normal one, of which a GPU may make zero: in tensors of their own, since results may then be those of zeros. */
const DENORMALS: readonly Content[] = [
  (drawn, i) => (i % 2 ? 1 : -1) * Math.abs(drawn),
  (drawn) => Math.abs(drawn),
];

const integers = (least: number, largest: number): readonly Content[] => [
  (drawn) => Math.max(least, drawn),
  (drawn) => Math.abs(drawn) % 3,
  () => 7,
  () => 0,
  (_, i) => (i % 2 ? largest : least),
];

/** The contents for a type. */
function contentsFor(dtype: DType): readonly Content[] {
  if (isFloat(dtype)) return FLOATS;
  return dtype === 'i32' ? integers(-(2 ** 31), 2 ** 31 - 1) : integers(0, 2 ** 32 - 1);
}

/** A shape, and the axes along which its lines lie. */
export type Layout = readonly [shape: Shape, axes: readonly number[]];

/** Line and place in it of each element of a tensor. */
function placesOf([shape, axes]: Layout): { readonly line: number; readonly i: number }[] {
  return Array.from({ length: elementCount(shape) }, (_, element) => {
    let rest = element;
    const place = { line: 0, i: 0 };
    const steps = { line: 1, i: 1 };
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const along = axes.includes(axis) ? 'i' : 'line';
      place[along] += (rest % shape[axis]!) * steps[along];
      steps[along] *= shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return place;
  });
}

interface Filled {
  /** Which contents, for messages. */
  readonly name: string;
  readonly values: Float64Array;
  /** The same with zeros for what a GPU may make zero; undefined where there is none of that. */
  readonly flushed?: Float64Array;
}

/**
 * Tensors that together have lines of every content that there is for the type: one tensor where it has as many lines, else as many
 * as it takes.
 *
 * @param nearOne draws numbers about 1, where others would take results out of range
 */
export function fillLines(layout: Layout, dtype: DType, nearOne = false): Filled[] {
  const [shape, axes] = layout;
  const places = placesOf(layout);
  const length = elementCount(axes.map((axis) => shape[axis]!));
  if (length === 0) return [{ name: 'nothing', values: new Float64Array() }];
  const lines = elementCount(shape) / length;
  const drawn = randomElements({ shape: [places.length], dtype }, 1, nearOne ? 'nearOne' : 'normal');
  const fill = (contents: readonly Content[], first: number, scale = 1): Float64Array => {
    const values = Float64Array.from(
      places,
      ({ line, i }, element) =>
        contents[(first + line) % contents.length]!(drawn[element]!, i, length) * scale,
    );
    return Float64Array.from(decodeElements(encodeElements(values, dtype).buffer, dtype, values.length));
  };
  const contents = contentsFor(dtype);
  const tensors = Array.from({ length: Math.ceil(contents.length / lines) }, (_, index): Filled => ({
    name: `contents from ${index * lines} on`,
    values: fill(contents, index * lines),
  }));
  if (!isFloat(dtype)) return tensors;
  const values = fill(DENORMALS, 0, smallestNormal(dtype) / 16);
  return [...tensors, { name: 'denormals', values, flushed: new Float64Array(values.length) }];
}

/**
 * Runs the kernel that is chosen for a problem on a tensor and expects what the reference gives, within the operation's bound.
 *
 * @param configs for kernels by name, so that few shaders serve all shapes; the heuristic's where it is not legal
 * @param signed whether zeros have to have their sign too
 * @param given inputs that are neither the tensor, the first, nor drawn, by their number
 */
export async function checkLines<P>(
  device: GpuDevice,
  operation: CheckedOperation<P>,
  problem: P,
  { name, values, flushed }: Filled,
  {
    configs = {},
    signed = false,
    given = {},
  }: {
    configs?: Readonly<Record<string, Config>>;
    signed?: boolean;
    given?: Readonly<Record<number, Float64Array>>;
  } = {},
): Promise<void> {
  const caps = device.capabilities;
  const { kernel, config: heuristic } = select(operation, problem, caps);
  const config = configs[kernel.name];
  const used = config && kernel.legal(config, problem, caps) ? config : heuristic;
  const [first, ...others] = operation.inputs(problem);
  const rest = others.map((spec, index) => given[1 + index] ?? randomElements(spec, 2 + index));
  const outputs = operation.outputs(problem);
  const run = await runGuarded(
    device,
    kernel.plan(problem, used, caps),
    [{ spec: first!, values }, ...others.map((spec, index) => ({ spec, values: rest[index]! }))],
    outputs,
  );
  const where = `${kernel.name} ${JSON.stringify(used)}: ${operation.key(problem)}: ${name}`;
  expect(run.damagedWords, where).toBe(0);
  const comparisons = [values, ...(flushed ? [flushed] : [])].map((x) => {
    const expected = operation.reference(problem, [x, ...rest], outputs.map(poisoned));
    const bounds = operation.errorBound(problem, [x, ...rest], expected);
    return outputs.map(({ dtype }, index): Comparison | string => {
      const got = run.outputs[index]!;
      const wrongSign = signed
        ? got.findIndex((value, i) => value === 0 && !Object.is(value, expected[index]![i]))
        : -1;
      if (wrongSign >= 0) return `element ${wrongSign} is a zero of the other sign`;
      return compare(got, expected[index]!, bounds[index]!, dtype);
    });
  });
  const passed = (of: readonly (Comparison | string)[]): boolean =>
    of.every((comparison) => typeof comparison !== 'string' && comparison.passed);
  expect(comparisons.some(passed), `${where}: ${JSON.stringify(comparisons[0])}`).toBe(true);
}
