import { randomElements } from '../../bench/measure/inputs.ts';
import type * as types from '../../src/node.ts';
import type { Tensor } from '../../src/node.ts';
import { dtypeSizeBytes, elementCount, encodeElements, type TensorDevice } from '../../src/tensor.ts';
import { library } from './library.ts';

/** What a call that is no single function of tensors does: what it returns are the results to be compared. */
type Composed = (device: TensorDevice, args: readonly unknown[], shared: Shared) => unknown;

/** What the CPU path hands on to the GPU, so that both go on from the same numbers. */
export interface Shared {
  numbers?: readonly Float32Array[];
}

/** Gives back what a call has made on the way. */
function released<T>(made: readonly Disposable[], result: () => T): T {
  try {
    return result();
  } finally {
    for (const one of made) one[Symbol.dispose]();
  }
}

const uploaded = (device: TensorDevice, numbers: unknown): Tensor<'u32'> =>
  device.tensor(numbers as number[], [(numbers as number[]).length], 'u32');

function fill({ keys, keyScales, values, valueScales }: types.KeyValueCache, number: number): void {
  for (const part of [keys, keyScales, values, valueScales])
    part?.write(new Float32Array(part.size).fill(number));
}

/** Codes and scales for weights of any shape; whatever is wrong with the options, the library is to say. */
function packedWeights(options: Record<string, unknown>): types.PackedWeights {
  const { shape, format, blockSize, codes, zeroPoints, ...rest } = options;
  const sizes = Array.isArray(shape)
    ? shape.map((size) => Math.min(1e4, Math.max(0, Number(size) || 0)))
    : [0];
  const k = sizes.at(-1) ?? 0;
  const block =
    blockSize === 'row'
      ? Math.max(1, 32 * Math.ceil(k / 32))
      : Math.max(1, Math.min(1e4, Number(blockSize) || 32));
  const blocks = blockSize === 'row' ? 1 : Math.ceil(k / block);
  const rows = sizes.slice(0, -1).reduce((count, size) => count * size, 1);
  const bits = format === 'int4' ? 4 : 8;
  const first = Number(codes) || 0;
  const bytes = (count: number, below: number): Uint8Array =>
    Uint8Array.from({ length: count }, (_, i) => ((i + first) * 2_654_435_761) % below);
  // Of floats in eight bits the codes below 0x70 are finite, in e5m2 too.
  const data = bytes((rows * blocks * block * bits) / 8, String(format).startsWith('int') ? 256 : 112);
  const scales = randomElements({ shape: [rows * blocks], dtype: 'f32' }, first + 1, 'nearOne');
  return {
    ...rest,
    shape: shape as number[],
    format: format as 'int4',
    blockSize: blockSize as 32,
    data,
    scales,
    ...(zeroPoints === true && { zeroPoints: bytes(rows * Math.ceil((blocks * bits) / 8), 256) }),
  };
}

export const COMPOSED: Readonly<Record<string, Composed>> = {
  /** Into a tensor, or into some of the rows of one that has more. */
  matmulInto(_, [a, b, target, rows, options]) {
    const out = target as Tensor;
    const view = out.shape.at(-2)! > (rows as number) ? out.slice(-2, 1, 1 + (rows as number)) : undefined;
    return released(view ? [view] : [], () => {
      library.matmul(a as Tensor<'f32'>, b as Tensor<'f32'>, {
        ...(options as types.MatmulOptions),
        out: view ?? out,
      });
      return out;
    });
  },
  prepackedMatmul(_, [a, b, options]) {
    const packed = library.prepack(b as Tensor<'f32'>);
    return released([packed], () =>
      library.matmul(a as Tensor<'f32'>, packed, {
        ...(options as types.MatmulOptions),
        transposeB: true,
      }),
    );
  },
  quantizedMatmul(device, [a, weights, options]) {
    const b = library.quantizedTensor(device, packedWeights(weights as Record<string, unknown>));
    return released([b], () => library.matmul(a as Tensor<'f32'>, b, options as types.MatmulOptions));
  },
  async quantizeAndMultiply(device, [a, given, options, host]) {
    const { shape } = given as Tensor;
    const weights =
      host === true ? { device, shape, data: await (given as Tensor).read() } : (given as Tensor);
    const b = await library.quantize(weights, options as types.QuantizeOptions);
    return released([b], () => library.matmul(a as Tensor<'f32'>, b, { dtype: 'f32' }));
  },
  groupedMatmulOnGpu(device, [a, b, numbers, options]) {
    const offsets = uploaded(device, numbers);
    return released([offsets], () =>
      library.groupedMatmul(
        a as Tensor<'f32'>,
        b as Tensor<'f32'>,
        offsets,
        options as types.GroupedMatmulOptions,
      ),
    );
  },
  decodeStep(device, [q, cacheOptions, writes, readOptions, onGpu]) {
    const cache = new library.KeyValueCache(device, cacheOptions as types.KeyValueCacheOptions);
    const made: Disposable[] = [cache];
    // What nobody has written nobody may see, unless the lengths include it; then it is to be the same on both sides.
    fill(cache, 100);
    return released(made, () => {
      for (const { k, v, options } of writes as {
        k: Tensor;
        v: Tensor;
        options: types.WriteCacheOptions;
      }[])
        library.writeCache(cache, k, v, options);
      const read = readOptions as types.CachedAttentionOptions;
      let { lengths } = read;
      if (onGpu === true && Array.isArray(lengths)) made.push((lengths = uploaded(device, lengths)));
      return library.attentionWithCache(q as Tensor<'f32'>, cache, { ...read, lengths });
    });
  },
  writtenCache(device, [cacheOptions, k, v, options]) {
    const cache = new library.KeyValueCache(device, cacheOptions as types.KeyValueCacheOptions);
    fill(cache, 0);
    const { keys, keyScales, values, valueScales } = cache;
    // The CPU path's last results are to be those of the writes, and not copies of views.
    const rows = [k, v].map((one) => library.contiguous(one as Tensor)) as [Tensor, Tensor];
    try {
      library.writeCache(cache, ...rows, options as types.WriteCacheOptions);
    } catch (error) {
      cache.dispose();
      throw error;
    } finally {
      for (const one of rows) one.dispose();
    }
    return { keys, keyScales, values, valueScales };
  },
  /**
   * The gradients by a forward pass whose results are kept, in f32. Their bound is for the same results: so both sides go on from
   * what the CPU path has.
   */
  attentionThereAndBack(device, [...given], shared) {
    const [options] = given.splice(4) as [types.AttentionBackwardOptions];
    const { kernel: _kernel, config: _config, ...common } = options;
    const widened = given.map((x) =>
      x instanceof library.Tensor && x.dtype === 'f16' ? library.cast(x, 'f32') : (x as Tensor<'f32'>),
    );
    const [a, b, c, gradient] = widened;
    const forward = library.attentionWithLogSumExp(a!, b!, c!, common);
    const own: Disposable[] = widened.filter((x, index) => x !== given[index]);
    const found = Object.values(forward);
    const back = (output: Tensor<'f32'>, logSumExp: Tensor<'f32'>): unknown =>
      released([...own, ...found], () =>
        library.attentionBackward(a!, b!, c!, gradient!, { ...options, output, logSumExp }),
      );
    if (device.backend === 'cpu') {
      return Promise.all(found.map(async (tensor) => tensor.read())).then((numbers) => {
        shared.numbers = numbers;
        return back(forward.output, forward.logSumExp);
      });
    }
    const same = found.map((tensor, index) => device.tensor(shared.numbers![index]!, tensor.shape));
    own.push(...same);
    return back(same[0]!, same[1]!);
  },
  /** From a stream of pieces, the bytes of another tensor. */
  async writtenFrom(device, [x, piece]) {
    const { shape, dtype } = x as Tensor;
    const bytes = encodeElements(await (x as Tensor).read(), dtype);
    const size = elementCount(shape) * dtypeSizeBytes(dtype);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < size; at += piece as number)
        yield bytes.subarray(at, Math.min(size, at + (piece as number)));
    }
    const target = device.empty(shape, dtype);
    await library.writeFrom(target, pieces());
    return released([target], () => library.contiguous(target));
  },
  viewed(_, [x, a, b, sliced]) {
    const turned = (x as Tensor).transpose(a as number, b as number);
    const axis = a as number;
    const part =
      sliced === true ? turned.slice(axis, turned.shape[axis]! > 1 ? 1 : 0, turned.shape[axis]!) : turned;
    return released(part === turned ? [turned] : [turned, part], () => library.contiguous(part));
  },
  tensorMethod(_, [x, method, args]) {
    const result = (x as Record<string, (...given: readonly unknown[]) => unknown>)[method as string]!(
      ...(args as readonly unknown[]),
    );
    return released(result === undefined ? [] : [result as Tensor], () => library.contiguous(x as Tensor));
  },
  deviceMethod(device, [method, args]) {
    const made = (device as unknown as Record<string, (...given: readonly unknown[]) => Tensor>)[
      method as string
    ]!(...(args as readonly unknown[]));
    made.dispose();
    return {};
  },
};
