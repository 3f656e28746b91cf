import { compare, type Comparison } from '../../bench/measure/compare.ts';
import { randomElements } from '../../bench/measure/inputs.ts';
import type { Distribution, Oracle } from '../../src/kernels/define.ts';
import { oracles } from '../../src/kernels/oracles.ts';
import * as library from '../../src/node.ts';
import { CpuDevice } from '../../src/runtime/cpuDevice.ts';
import { Tensor, TilewiseError, type DType, type GpuDevice } from '../../src/node.ts';
import type { TensorDevice } from '../../src/tensor.ts';

/** An operand: numbers that follow from the seed, maybe as a view of a larger tensor. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly seed: number;
  readonly distribution: Distribution;
  /** `slice`: of a tensor that has more along an axis; `transpose`: of one with its last two axes exchanged. */
  readonly view?: { readonly kind: 'slice'; readonly axis: number } | { readonly kind: 'transpose' };
}

/** A call of the public API as plain data; `{ operand: i }` in its arguments stands for the i-th operand. */
export interface Call {
  readonly op: string;
  readonly operands: readonly Operand[];
  readonly args: readonly unknown[];
  /** The GPU runs it as a captured graph, replayed twice. */
  readonly captured?: boolean;
}

/** Operations that are no single function of tensors. */
const COMPOSED: Readonly<Record<string, (device: TensorDevice, args: readonly unknown[]) => unknown>> = {
  writeAndAttend(device, [q, k, v, cacheOptions, writeOptions, readOptions]) {
    const cache = new library.KeyValueCache(device, cacheOptions as library.KeyValueCacheOptions);
    try {
      // What nobody has written is arbitrary, and nobody may see it.
      library.writeCache(cache, k as Tensor, v as Tensor, writeOptions as library.WriteCacheOptions);
      return library.attentionWithCache(
        q as Tensor<'f32'>,
        cache,
        readOptions as library.CachedAttentionOptions,
      );
    } finally {
      cache.dispose();
    }
  },
  quantizedMatmul(device, [a, weights, options]) {
    const { n, k, format, blockSize, codes } = weights as {
      readonly n: number;
      readonly k: number;
      readonly format: library.QuantizedFormat;
      readonly blockSize: 32 | 64 | 128;
      readonly codes: number;
    };
    const blocks = Math.ceil(k / blockSize);
    const bits = format === 'int4' ? 4 : 8;
    // Of floats in eight bits the codes below 0x70 are finite, in e5m2 too.
    const data = Uint8Array.from(
      { length: (n * blocks * blockSize * bits) / 8 },
      (_, i) => ((i + codes) * 2_654_435_761) % (bits === 4 ? 256 : 112),
    );
    const scales = randomElements({ shape: [n * blocks], dtype: 'f32' }, codes, 'nearOne');
    const b = library.quantizedTensor(device, { shape: [n, k], format, blockSize, data, scales });
    try {
      return library.matmul(a as Tensor<'f32'>, b, options as library.MatmulOptions);
    } finally {
      b.dispose();
    }
  },
  viewed(_device, [x]) {
    return library.contiguous(x as Tensor);
  },
};

/** What the CPU path has computed, and how far from it a right result may be. */
interface Computed {
  readonly values: Float64Array;
  readonly bound: () => Float64Array;
}

/** A CPU backend that keeps what it computes, before it is rounded. */
class ObservedCpu {
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
                bound: () => (bounds ??= oracle.errorBound(problem, inputs, results))[index]!,
              });
            }
            return results;
          },
        },
      ]),
    ),
  );
}

function realise(
  device: TensorDevice,
  { shape, dtype, seed, distribution, view }: Operand,
  made: Tensor[],
): Tensor {
  const keep = (tensor: Tensor): Tensor => {
    made.push(tensor);
    return tensor;
  };
  const filled = (size: readonly number[]): Tensor =>
    keep(device.tensor(randomElements({ shape: size, dtype }, seed, distribution), size, dtype));
  if (view?.kind === 'slice' && view.axis < shape.length) {
    const larger = shape.with(view.axis, shape[view.axis]! + 3);
    return keep(filled(larger).slice(view.axis, 2, 2 + shape[view.axis]!));
  }
  if (view?.kind === 'transpose' && shape.length >= 2) {
    const other = [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
    return keep(filled(other).transpose());
  }
  return filled(shape);
}

function substitute(value: unknown, tensors: readonly Tensor[]): unknown {
  if (Array.isArray(value)) return value.map((part) => substitute(part, tensors));
  if (typeof value !== 'object' || value === null) return value;
  if ('operand' in value) return tensors[value.operand as number];
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, substitute(part, tensors)]));
}

function invoke(device: TensorDevice, { op, args }: Call, tensors: readonly Tensor[]): Tensor[] {
  const given = substitute(args, tensors) as readonly unknown[];
  const composed = COMPOSED[op];
  const result = composed
    ? composed(device, given)
    : (library as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[op]!(...given);
  if (result instanceof Tensor) return [result];
  return Object.values(result as Record<string, unknown>).filter((part) => part instanceof Tensor);
}

type Outcome =
  | { readonly threw: unknown }
  | {
      readonly results: readonly {
        readonly dtype: DType;
        readonly shape: readonly number[];
        values: ArrayLike<number>;
      }[];
    };

async function outcomeOf(device: TensorDevice, call: Call, gpu?: GpuDevice): Promise<Outcome> {
  const made: Tensor[] = [];
  try {
    const tensors = call.operands.map((operand) => realise(device, operand, made));
    let results: Tensor[];
    if (gpu && call.captured) {
      const graph = gpu.capture(() => invoke(gpu, call, tensors));
      graph.replay(2);
      results = graph.result;
      graph.dispose();
    } else results = invoke(device, call, tensors);
    for (const result of results) if (!tensors.includes(result)) made.push(result);
    return {
      results: await Promise.all(
        results.map(async (tensor) => ({
          dtype: tensor.dtype,
          shape: tensor.shape,
          values: await tensor.read(),
        })),
      ),
    };
  } catch (error) {
    return { threw: error };
  } finally {
    for (const tensor of made) tensor.dispose();
  }
}

/**
 * Makes a call on the GPU and on the CPU path, and says what is wrong with it: an error that is none of the library's, an error on
 * one side only, another shape or type, or values that are not within the bound of the operation; undefined where all is well.
 */
export async function differenceOf(device: GpuDevice, call: Call): Promise<string | undefined> {
  const cpu = new ObservedCpu();
  const expected = await outcomeOf(cpu.device, call);
  const got = await outcomeOf(device, call, device);
  for (const [where, outcome] of [
    ['CPU', expected],
    ['GPU', got],
  ] as const) {
    if ('threw' in outcome && !(outcome.threw instanceof TilewiseError))
      return `${where}: ${outcome.threw instanceof Error ? outcome.threw.stack : String(outcome.threw)}`;
  }
  if ('threw' in got) {
    const { code, message } = got.threw as TilewiseError;
    // The CPU path has no limits.
    if (code === 'unsupported') return undefined;
    if (code === 'shader-compile' || code === 'execution') return `GPU: ${message}`;
    if (!('threw' in expected)) return `only the GPU refuses: ${message}`;
    const other = expected.threw as TilewiseError;
    return other.code === code ? undefined : `GPU: ${message}; CPU: ${other.message}`;
  }
  if ('threw' in expected) return `only the CPU refuses: ${(expected.threw as TilewiseError).message}`;
  if (got.results.length !== expected.results.length) return 'another number of results';
  const computed = cpu.computed.slice(-got.results.length);
  for (const [index, { dtype, shape, values }] of got.results.entries()) {
    const wanted = expected.results[index]!;
    if (dtype !== wanted.dtype || shape.join() !== wanted.shape.join())
      return `result ${index} is ${dtype} [${shape.join()}], and ${wanted.dtype} [${wanted.shape.join()}] on the CPU`;
    if (values.length === 0) continue;
    const { values: exact, bound } = computed[index]!;
    if (exact.length !== values.length)
      return `result ${index}: the CPU path has computed ${exact.length} elements`;
    const comparison: Comparison = compare(values, exact, bound(), dtype);
    if (!comparison.passed) return `result ${index}: ${JSON.stringify(comparison)}`;
  }
  return undefined;
}
