import { isDeepStrictEqual } from 'node:util';
import { compare } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import type { Distribution, Oracle } from '../../src/kernels/define.ts';
import { isFloat, smallestNormal } from '../../src/kernels/rounding.ts';
import { oracles } from '../../src/kernels/oracles.ts';
import { QUANT_BLOCK } from '../../src/reference/attention.ts';
import { quantisedBlock } from '../../src/reference/writeRows.ts';
import { CpuDevice } from '../../src/runtime/cpuDevice.ts';
import { Tensor, TilewiseError, type DType, type GpuDevice } from '../../src/node.ts';
import { elementCount, type TensorDevice } from '../../src/tensor.ts';
import { COMPOSED, type Shared } from './composed.ts';
import { library } from './library.ts';

/** An operand: numbers that follow from the seed, maybe as a view of a larger tensor. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly seed: number;
  readonly distribution: Distribution;
  /** `slice`: of a tensor that has more along an axis; `transpose`: of one with its last two axes exchanged. */
  readonly view?: { readonly kind: 'slice'; readonly axis: number } | { readonly kind: 'transpose' };
  /** Each 32 numbers in a row are what a cache's codes stand for: those right between two codes are rounded either way. */
  readonly coded?: boolean;
  /** Without the numbers that are too small to be normal, as an adapter may read it. */
  readonly flushed?: boolean;
}

/** A call of the public API as plain data; `{ operand: i }` in its arguments stands for the i-th operand. */
export interface Call {
  readonly op: string;
  readonly operands: readonly Operand[];
  readonly args: readonly unknown[];
  /** The GPU runs it as a captured graph, replayed with other numbers first. */
  readonly captured?: boolean;
  /** Something wrong with an operand (counted around): it has been given back, or is of another device. */
  readonly fault?: { readonly kind: 'disposed' | 'foreign'; readonly operand: number };
}

/** A call or program as JSON, with the numbers that JSON has not: `{ number: 'NaN' }`. */
export const serialised = (call: unknown): string =>
  JSON.stringify(call, (_, value: unknown) =>
    typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
      ? { number: Object.is(value, -0) ? '-0' : String(value) }
      : value,
  );

/** What the CPU path has computed, and how far from it a right result may be. */
interface Computed {
  readonly values: Float64Array;
  readonly bound: () => Float64Array;
}

/** A CPU backend that keeps what it computes, before it is rounded. */
export class ObservedCpu {
  readonly computed: Computed[] = [];
  readonly device = new CpuDevice(
    Object.fromEntries(
      Object.entries(oracles as Record<string, Oracle<unknown>>).map(([name, oracle]) => [
        name,
        {
          reference: (problem: unknown, inputs: readonly Float64Array[], old: readonly Float64Array[]) => {
            const results = oracle.reference(problem, inputs, old);
            let bounds: readonly Float64Array[] | undefined;
            for (const [index, values] of results.entries()) {
              this.computed.push({
                values,
                bound: () => (bounds ??= oracle.errorBound(problem, inputs, results, old))[index]!,
              });
            }
            return results;
          },
        },
      ]),
    ),
  );
}

/** An operand as a tensor, and the one that it is a view of. */
interface Realised {
  readonly tensor: Tensor;
  readonly whole: Tensor;
  readonly operand: Operand;
}

function numbersOf(
  { shape, dtype }: Tensor,
  { seed, distribution, coded, flushed }: Operand,
  turn = 0,
): Float64Array {
  const numbers = randomElements({ shape, dtype }, seed + turn, distribution);
  if (flushed && isFloat(dtype)) {
    const least = smallestNormal(dtype);
    return numbers.map((value) => (Math.abs(value) < least ? Math.trunc(value) : value));
  }
  if (!coded) return numbers;
  for (let at = 0; at < numbers.length; at += QUANT_BLOCK) {
    const { scale, units } = quantisedBlock(numbers.subarray(at, at + QUANT_BLOCK));
    numbers.set(
      units.map((unit) => Math.fround(Math.round(unit) * scale)),
      at,
    );
  }
  return numbers;
}

function realise(device: TensorDevice, operand: Operand, turn: number): Realised {
  const { shape, dtype, view } = operand;
  const filled = (size: readonly number[]): Tensor => {
    const whole = device.empty(size, dtype);
    whole.write(numbersOf(whole, operand, turn));
    return whole;
  };
  if (view?.kind === 'slice' && view.axis < shape.length) {
    const whole = filled(shape.with(view.axis, shape[view.axis]! + 3));
    return { whole, operand, tensor: whole.slice(view.axis, 2, 2 + shape[view.axis]!) };
  }
  if (view?.kind === 'transpose' && shape.length >= 2) {
    const whole = filled([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]);
    return { whole, operand, tensor: whole.transpose() };
  }
  const tensor = filled(shape);
  return { whole: tensor, tensor, operand };
}

function substitute(value: unknown, tensors: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map((part) => substitute(part, tensors));
  if (typeof value !== 'object' || value === null) return value;
  if ('operand' in value) return tensors[value.operand as number];
  if ('number' in value) return Number(value.number);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, substitute(part, tensors)]));
}

type Results = readonly Tensor[];

function invoke(
  device: TensorDevice,
  { op, args }: Call,
  tensors: readonly Tensor[],
  shared: Shared,
): Results | Promise<Results> {
  const given = substitute(args, tensors) as readonly unknown[];
  const composed = COMPOSED[op];
  const result = composed
    ? composed(device, given, shared)
    : (library as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[op]!(...given);
  return result instanceof Promise ? result.then(tensorsIn) : tensorsIn(result);
}

const tensorsIn = (result: unknown): Results =>
  result instanceof Tensor
    ? [result]
    : Object.values(result as Record<string, unknown>).filter((part) => part instanceof Tensor);

/** Records a call as a graph, replays it with other numbers in its operands, and again with those that count. */
function replay(device: GpuDevice, call: Call, given: readonly Realised[], shared: Shared): Results {
  const graph = device.capture(
    () =>
      invoke(
        device,
        call,
        given.map(({ tensor }) => tensor),
        shared,
      ) as Results,
  );
  graph.replay();
  for (const { whole, operand } of given) whole.write(numbersOf(whole, operand));
  graph.replay();
  graph.dispose();
  return graph.result;
}

/** What a result holds. */
export interface Content {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export type Outcome = { readonly threw: unknown } | { readonly results: readonly Content[] };

async function outcomeOf(
  device: TensorDevice,
  call: Call,
  shared: Shared,
  gpu?: GpuDevice,
): Promise<Outcome> {
  const given: Realised[] = [];
  let results: Results = [];
  try {
    for (const [index, operand] of call.operands.entries()) {
      const foreign = call.fault?.kind === 'foreign' && index === call.fault.operand % call.operands.length;
      given.push(realise(foreign ? new ObservedCpu().device : device, operand, gpu && call.captured ? 1 : 0));
    }
    if (call.fault?.kind === 'disposed') given[call.fault.operand % given.length]?.tensor.dispose();
    const tensors = given.map(({ tensor }) => tensor);
    results =
      gpu && call.captured ? replay(gpu, call, given, shared) : await invoke(device, call, tensors, shared);
    const reads = results.map(async (tensor) => ({
      dtype: tensor.dtype,
      shape: tensor.shape,
      values: await tensor.read(),
    }));
    // Nobody waits for the work: memory that is given back while it is in use must not show in the results.
    disposeAll(given);
    return { results: await Promise.all(reads) };
  } catch (error) {
    return { threw: error };
  } finally {
    disposeAll(given);
    for (const result of results) result.dispose();
  }
}

function disposeAll(given: readonly Realised[]): void {
  for (const { tensor, whole } of given) {
    tensor.dispose();
    whole.dispose();
  }
}

/** How a call went: as on the CPU path, refused as there, beyond what the adapter can do; or wrong. */
export type Verdict =
  | { readonly kind: 'equal' | 'refused' | 'unsupported' }
  | { readonly kind: 'wrong'; readonly why: string };

export const wrong = (why: string): Verdict => ({ kind: 'wrong', why });

/** Operands with numbers that an adapter may flush to zero. */
const FLUSHABLE: ReadonlySet<Distribution> = new Set(['subnormal', 'edges']);

interface Reference {
  readonly outcome: Outcome;
  readonly computed: readonly Computed[];
}

/** A call on the CPU path alone. */
export async function computeOnCpu(call: Call, shared: Shared = {}): Promise<Reference> {
  const { device, computed } = new ObservedCpu();
  return { outcome: await outcomeOf(device, call, shared), computed };
}

/** @param lost how many intermediate results of each element may have been flushed to zero */
function differenceAmong(
  got: readonly Content[],
  { outcome, computed }: Reference,
  lost = 0,
): string | undefined {
  if ('threw' in outcome || got.length !== outcome.results.length) return 'another number of results';
  const last = computed.slice(-got.length);
  for (const [index, content] of got.entries()) {
    const why = differenceOf(content, outcome.results[index]!, last[index], lost * smallestNormal('f32'));
    if (why !== undefined) return `result ${index}: ${why}`;
  }
  return undefined;
}

/**
 * Makes a call on the GPU and on the CPU path, and says what is wrong with it: an error that is none of the library's, an error on
 * one side only, another shape or type, or values that are not within the bound of the operation.
 */
export async function judge(device: GpuDevice, call: Call): Promise<Verdict> {
  const shared: Shared = {};
  const exact = await computeOnCpu(call, shared);
  const got = await outcomeOf(device, call, shared, device);
  const { outcome: expected } = exact;
  if ('threw' in expected || 'threw' in got) return judgeErrors(expected, got);
  const why = differenceAmong(got.results, exact);
  if (why !== undefined) {
    const small = call.operands.some(({ distribution }) => FLUSHABLE.has(distribution));
    const flushed = { ...call, operands: call.operands.map((one) => ({ ...one, flushed: true })) };
    // No more than there are numbers that meet in it; a norm multiplies each by up to a thousand, by an epsilon of 1e-6.
    const lost = 1000 * Math.max(...call.operands.map(({ shape }) => elementCount(shape)));
    const passes =
      small &&
      (differenceAmong(got.results, exact, lost) === undefined ||
        differenceAmong(got.results, await computeOnCpu(flushed, shared), lost) === undefined);
    if (!passes) return wrong(why);
  }
  if (!call.captured) return { kind: 'equal' };
  const direct = await outcomeOf(device, { ...call, captured: false }, shared, device);
  const bits = (outcome: Outcome): unknown =>
    'threw' in outcome ? outcome.threw : outcome.results.map(({ values }) => Array.from(values));
  return isDeepStrictEqual(bits(direct), bits(got)) ? { kind: 'equal' } : wrong('a graph gives other bits');
}

export function judgeErrors(expected: Outcome, got: Outcome): Verdict {
  for (const [where, outcome] of Object.entries({ CPU: expected, GPU: got })) {
    if ('threw' in outcome && !(outcome.threw instanceof TilewiseError))
      return wrong(
        `${where}: ${outcome.threw instanceof Error ? outcome.threw.stack : String(outcome.threw)}`,
      );
  }
  if (!('threw' in got)) return wrong(`only the CPU refuses: ${told(expected)}`);
  const { code } = got.threw as TilewiseError;
  // The CPU path has no limits.
  if (code === 'unsupported') return { kind: 'unsupported' };
  if (code === 'shader-compile' || code === 'execution') return wrong(`GPU: ${told(got)}`);
  if (!('threw' in expected)) return wrong(`only the GPU refuses: ${told(got)}`);
  if ((expected.threw as TilewiseError).code === code) return { kind: 'refused' };
  return wrong(`GPU: ${told(got)}; CPU: ${told(expected)}`);
}

const told = (outcome: Outcome): string =>
  'threw' in outcome ? (outcome.threw as TilewiseError).message : '';

export function differenceOf(
  { dtype, shape, values }: Content,
  wanted: Content,
  computed: Computed | undefined,
  lost = 0,
): string | undefined {
  if (dtype !== wanted.dtype || shape.join() !== wanted.shape.join())
    return `it is ${dtype} [${shape.join()}], and ${wanted.dtype} [${wanted.shape.join()}] on the CPU`;
  if (values.length === 0) return undefined;
  if (computed?.values.length !== values.length)
    return `the CPU path has computed ${computed?.values.length} elements`;
  const bound = computed.bound();
  // What is exact loses nothing on the way.
  const allowed = lost > 0 ? bound.map((error) => error && error + lost) : bound;
  const comparison = compare(values, computed.values, allowed, dtype);
  return comparison.passed ? undefined : serialised(comparison);
}
