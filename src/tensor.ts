// What a consumer's own `lib` may lack: tensors, graphs and devices are `Disposable`.
/// <reference lib="esnext.disposable" preserve="true" />
import { ArgumentError, DTypeError, ShapeError, told, UnsupportedError } from './errors.ts';
import { expectOneOf, expectWait } from './expect.ts';
import { halfPatterns, nativeFloat16, widenHalves } from './float16.ts';

/** Types of a tensor's elements. Those of 16 bits are storage: arithmetic is done in f32; products of i8 are summed in i32. */
export type DType = 'f32' | 'f16' | 'bf16' | 'i32' | 'u32' | 'i8';

/** Sizes of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Shape and element type: all that an operation knows of a tensor before it runs. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** `Float16Array`, or what is known of it where TypeScript's `lib` has none (before `es2025` or `esnext`). */
export type HalfArray = typeof globalThis extends { Float16Array: { readonly prototype: infer Native } }
  ? Native
  : ArrayLike<number> & ArrayBufferView;

/** What `read()` gives. Floats of 16 bits are widened: every f16 and bf16 is exact in f32. */
export type TensorArray<D extends DType = DType> = {
  f32: Float32Array<ArrayBuffer>;
  f16: Float32Array<ArrayBuffer>;
  bf16: Float32Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i8: Int8Array<ArrayBuffer>;
}[D];

/** Numbers to fill a tensor with: an array, a typed array, or a native Float16Array. */
export type TensorData = ArrayLike<number>;

const SIZE_BYTES: Readonly<Record<DType, number>> = { f32: 4, f16: 2, bf16: 2, i32: 4, u32: 4, i8: 1 };

/** Every data type. */
export const DTYPES = Object.keys(SIZE_BYTES) as readonly DType[];

/** Bytes of one element. */
export function dtypeSizeBytes(dtype: DType): number {
  return SIZE_BYTES[dtype];
}

/** @throws DTypeError for anything but the name of a data type. */
export function checkDType(value: unknown): DType {
  if (typeof value === 'string' && Object.hasOwn(SIZE_BYTES, value)) return value as DType;
  throw new DTypeError(`unknown data type ${told(value)}; expected ${DTYPES.join(', ')}`, {
    got: value,
  });
}

/** Number of elements; 1 for a scalar, 0 as soon as one axis is empty. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** @throws ShapeError unless every axis is a non-negative integer and the count is exact in a double. */
export function checkShape(shape: Shape): void {
  if (!Array.isArray(shape))
    throw new ShapeError(`a shape is an array of axis sizes, got ${told(shape)}`, { got: shape });
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new ShapeError(`axis sizes must be non-negative integers, got ${told(shape)}`, {
        got: shape,
      });
    }
  }
  if (!Number.isSafeInteger(elementCount(shape))) {
    throw new ShapeError(`a tensor of shape ${formatShape(shape)} has too many elements`, { got: shape });
  }
}

/** `[2, 3]`, as messages show a shape. */
export function formatShape(shape: Shape): string {
  return `[${[...shape].join(', ')}]`;
}

/** Whether two shapes have the same sizes. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  // A loop: methods of frozen arrays, as a tensor's shape is one, are several times slower.
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Bytes that hold a tensor's elements, rounded up to the 4 that copies and bindings work in. */
export function storageSizeBytes(spec: TensorSpec): number {
  return Math.ceil((elementCount(spec.shape) * dtypeSizeBytes(spec.dtype)) / 4) * 4;
}

/** Arrays that see elements as they lie in memory. */
const STORED = {
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
} as const;

/**
 * Stores numbers as `dtype`, floats rounded to nearest; the result is padded with zeros to a multiple of 4 bytes.
 *
 * @throws DTypeError for integer types when a number is no integer of their range
 */
export function encodeElements(data: TensorData, dtype: DType): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil((data.length * dtypeSizeBytes(dtype)) / 4) * 4);
  const stored = new STORED[dtype](bytes.buffer);
  if (dtype === 'f16') stored.set(halfPatterns(data));
  else if (dtype === 'bf16') roundToBf16(data, stored);
  else stored.set(data);
  if (!isFloat(dtype)) checkStored(data, stored, dtype);
  return bytes;
}

const isFloat = (dtype: DType): boolean => dtype.includes('f');

/** Compares with what was stored: data of another type may have numbers that the type cannot hold. */
function checkStored(data: TensorData, stored: TensorData, dtype: DType): void {
  if (data.constructor === stored.constructor) return;
  for (let i = 0; i < data.length; i++) {
    if (data[i] === stored[i]) continue;
    throw new DTypeError(`${dtype} cannot hold ${data[i]}, the number at index ${i}`, {
      got: data[i],
      index: i,
      expected: dtype,
    });
  }
}

/** A bf16 is the upper half of an f32, here rounded to nearest, ties to even; NaN stays quiet. */
function roundToBf16(data: TensorData, out: { [index: number]: number }): void {
  const bits = new Uint32Array(Float32Array.from(data).buffer);
  for (let i = 0; i < bits.length; i++) {
    const pattern = bits[i]!;
    const nan = (pattern & 0x7fff_ffff) > 0x7f80_0000;
    out[i] = nan ? (pattern >>> 16) | 0x40 : (pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16;
  }
}

/** Elements of half precision as the platform's own arrays have them, without copying. */
function halves(bytes: ArrayBuffer, count: number): HalfArray {
  return new (checkFloat16())(bytes, 0, count) as HalfArray;
}

/** @throws UnsupportedError where the platform has no Float16Array. */
function checkFloat16(): NonNullable<ReturnType<typeof nativeFloat16>> {
  const Native = nativeFloat16();
  if (Native) return Native;
  throw new UnsupportedError(
    'this runtime has no Float16Array (Node has it from version 24 on); leave float16 out to read Float32Array',
    { missing: 'Float16Array' },
  );
}

/** The inverse of `encodeElements`: `count` elements, without copying where the type allows it. */
export function decodeElements<D extends DType>(bytes: ArrayBuffer, dtype: D, count: number): TensorArray<D> {
  const stored = new STORED[dtype](bytes, 0, count);
  const decoded =
    dtype === 'f16'
      ? widenHalves(stored as Uint16Array)
      : dtype === 'bf16'
        ? new Float32Array(Uint32Array.from(stored, (pattern) => pattern << 16).buffer)
        : stored;
  return decoded as TensorArray<D>;
}

/** Memory that a device gave to a tensor; shared by all its reshaped views. */
export interface TensorStorage {
  retain(): void;
  release(): void;
}

/** How long to wait for a GPU. */
export interface WaitOptions {
  /** Ends the wait, with the signal's reason: `AbortSignal.timeout(5000)` for a GPU that does not answer. The work goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** How to read a tensor. */
export interface ReadOptions extends WaitOptions {
  /** Elements of f16 in a Float16Array, as they are stored; other types are read as ever. Default: false. */
  readonly float16?: boolean | undefined;
}

/** What a tensor needs of the device that it lives on. */
export interface TensorDevice<S extends TensorStorage = TensorStorage> {
  readonly backend: 'webgpu' | 'cpu';
  /** A tensor filled with `data` in row-major order. */
  tensor<D extends DType = 'f32'>(data: TensorData, shape: Shape, dtype?: D): Tensor<NoInfer<D>>;
  /** A tensor of arbitrary content. */
  empty<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>>;
  /** The first `sizeBytes` of the storage, after everything recorded so far. */
  readStorage(storage: S, sizeBytes: number, options?: WaitOptions): Promise<ArrayBuffer>;
  /** Replaces the storage's content from `byteOffset` on, in order with what is recorded before and after; takes over `bytes`. */
  writeStorage(storage: S, bytes: Uint8Array<ArrayBuffer>, byteOffset?: number): void;
  /** The GPU buffer behind a storage. */
  storageBuffer(storage: S): { readonly buffer: GPUBuffer; readonly byteOffset: number };
  /** Whether two tensors lie in one buffer, so that a dispatch that writes the one cannot read the other. */
  shareBuffer(a: Tensor, b: Tensor): boolean;
}

/** Whether a value that a caller gave is a device of this library. */
export function isDevice(value: unknown): boolean {
  return typeof (value as Partial<TensorDevice> | undefined)?.readStorage === 'function';
}

/** Where a view's elements are among those of the tensor that it looks at; everything counts elements. */
export interface ViewLayout {
  /** Of the first element. */
  readonly offset: number;
  /** Distance between neighbours along each axis. */
  readonly strides: readonly number[];
  /** Of the whole tensor. */
  readonly elements: number;
  /** Whether lines along the last axis end with zeros up to a multiple of 8 elements: those that `prepack()` makes. */
  readonly padded?: boolean;
}

/** Strides of a tensor whose elements lie in row-major order without gaps. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/**
 * An array of numbers on a device. Operations return tensors at once, before their work has run; `read()` waits.
 * `dispose()` (or `using`) gives the memory back at once; work already recorded still sees it.
 */
export class Tensor<D extends DType = DType> implements TensorSpec, Disposable {
  readonly device: TensorDevice;
  readonly shape: Shape;
  readonly dtype: D;
  /** Set for a part of another tensor or one with its axes in another order, made by `slice()` or `transpose()`. */
  readonly view: ViewLayout | undefined;
  #storage: TensorStorage | undefined;

  /** @internal Devices and operations make tensors; the tensor takes over one reference to `storage`. */
  constructor(device: TensorDevice, shape: Shape, dtype: D, storage: TensorStorage, view?: ViewLayout) {
    this.device = device;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    this.view = view;
    this.#storage = storage;
  }

  /** Number of elements. */
  get size(): number {
    return elementCount(this.shape);
  }

  get disposed(): boolean {
    return this.#storage === undefined;
  }

  /** @internal @throws ArgumentError after `dispose()`. */
  get storage(): TensorStorage {
    if (this.#storage) return this.#storage;
    throw new ArgumentError(`this tensor (${this.dtype} ${formatShape(this.shape)}) has been disposed`);
  }

  /** @internal Where the elements are in the storage. */
  get layout(): ViewLayout {
    return this.view ?? { offset: 0, strides: rowMajorStrides(this.shape), elements: this.size };
  }

  /**
   * The GPU buffer that holds the elements, from `byteOffset` on. Work that makes them has been submitted once `device.finished()` has
   * resolved; as soon as `device.flush()` returns where no shader of it, nor of work recorded before, is still being compiled.
   */
  get buffer(): GPUBuffer {
    return this.device.storageBuffer(this.storage).buffer;
  }

  /** Where in `buffer` the first element is. */
  get byteOffset(): number {
    const { byteOffset } = this.device.storageBuffer(this.storage);
    return byteOffset + (this.view?.offset ?? 0) * dtypeSizeBytes(this.dtype);
  }

  /**
   * The elements in row-major order, after all work recorded so far. Floats of 16 bits come widened to Float32Array, the same on
   * every platform; with `{ float16: true }` those of f16 come as they are, in a Float16Array, at half the memory and without
   * being converted. Several reads may be under way at once; each gives what the tensor held when it was called.
   *
   * @throws UnsupportedError for `float16` where the platform has no Float16Array, as Node has from version 24 on.
   */
  async read(
    options: ReadOptions & { readonly float16: true },
  ): Promise<D extends 'f16' ? HalfArray : TensorArray<D>>;
  async read(options?: ReadOptions & { readonly float16?: false | undefined }): Promise<TensorArray<D>>;
  async read(options: ReadOptions = {}): Promise<TensorArray | HalfArray> {
    expectWait('read', options, ['float16']);
    const { float16 = false, ...wait } = options;
    expectOneOf('read', 'float16', float16, [true, false]);
    const { shape, dtype, view } = this;
    const native = float16 && dtype === 'f16';
    if (native) checkFloat16();
    const elements = view ? view.elements : this.size;
    const sizeBytes = storageSizeBytes({ shape: [elements], dtype });
    const bytes = await this.device.readStorage(this.storage, sizeBytes, wait);
    const all = (native ? halves(bytes, elements) : decodeElements(bytes, dtype, elements)) as TensorArray;
    if (!view) return all;
    const gathered = all.slice(0, this.size);
    forEachElement(shape, view, (position, index) => {
      gathered[index] = all[position]!;
    });
    return gathered;
  }

  /**
   * Replaces the elements; work recorded earlier still sees the old ones.
   * @throws ShapeError unless `data` has exactly `size` numbers; ArgumentError for a view.
   */
  write(data: TensorData): void {
    const { storage } = this;
    if (this.view)
      throw new ArgumentError('a view cannot be written to: write to the tensor that it looks at');
    checkDataLength(data, this.shape);
    this.device.writeStorage(storage, encodeElements(data, this.dtype));
  }

  /** The same memory under another shape of as many elements. Both must be disposed for it to be given back. */
  reshape(shape: Shape): Tensor<D> {
    checkShape(shape);
    if (elementCount(shape) !== this.size) {
      throw new ShapeError(
        `cannot reshape ${formatShape(this.shape)} (${this.size} elements) to ${formatShape(shape)} (${elementCount(shape)})`,
        { got: shape, expected: this.shape },
      );
    }
    if (this.view) {
      throw new ArgumentError('a view cannot be reshaped: copy it first, with contiguous()', { got: shape });
    }
    return this.#look(shape, undefined);
  }

  /**
   * A view of the elements from `start` to `end` - 1 along an axis (negative axes count from the end). It shares this
   * tensor's memory, which is given back when both are disposed: changing one changes the other. Operations take it as they take any tensor; `matmul` reads it in place
   * where its last or last but one axis has neighbours in memory, and everything else copies it first.
   *
   * @throws ShapeError for an axis that does not exist or a range that is not within it
   */
  slice(axis: number, start: number, end: number): Tensor<D> {
    const at = this.#axis(axis);
    const size = this.shape[at]!;
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start > end || end > size) {
      throw new ShapeError(
        `slice() takes 0 <= start <= end <= ${size} along axis ${axis}, got ${told(start)}, ${told(end)}`,
        {
          got: [start, end],
          expected: size,
        },
      );
    }
    const { offset, strides, elements, padded = false } = this.layout;
    return this.#look(this.shape.with(at, end - start), {
      offset: offset + start * strides[at]!,
      strides,
      elements,
      padded: padded && at < this.shape.length - 1,
    });
  }

  /**
   * A view with two axes exchanged, by default the last two. It shares this tensor's memory, which is given back when both are disposed.
   *
   * @throws ShapeError for an axis that does not exist
   */
  transpose(axisA = -2, axisB = -1): Tensor<D> {
    const a = this.#axis(axisA);
    const b = this.#axis(axisB);
    const { offset, strides, elements } = this.layout;
    const swap = (values: readonly number[]): number[] => values.with(a, values[b]!).with(b, values[a]!);
    return this.#look(swap(this.shape), { offset, strides: swap(strides), elements });
  }

  /** @internal A view of the first `length` elements of each line along the last axis, whose rest is known to be zeros. */
  padded(length: number): Tensor<D> {
    return this.#look(this.shape.with(this.shape.length - 1, length), { ...this.layout, padded: true });
  }

  #axis(axis: number): number {
    const rank = this.shape.length;
    if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
    throw new ShapeError(
      `axis ${told(axis)} does not exist in a tensor of shape ${formatShape(this.shape)}`,
      {
        got: axis,
        expected: rank,
      },
    );
  }

  #look(shape: Shape, view: ViewLayout | undefined): Tensor<D> {
    const { storage } = this;
    storage.retain();
    return new Tensor(this.device, shape, this.dtype, storage, view);
  }

  /** Gives the memory back to the device; a second call does nothing. */
  dispose(): void {
    this.#storage?.release();
    this.#storage = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Calls `visit` with the position of each element in the storage and its number in row-major order. */
function forEachElement(
  shape: Shape,
  { offset, strides }: Pick<ViewLayout, 'offset' | 'strides'>,
  visit: (position: number, index: number) => void,
): void {
  const count = elementCount(shape);
  const at = shape.map(() => 0);
  let position = offset;
  for (let index = 0; index < count; index++) {
    visit(position, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      position -= at[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
}

/** @throws ShapeError unless `data` fills `shape` exactly. */
export function checkDataLength(data: TensorData, shape: Shape): void {
  // A string has a length too, and typed arrays of bigints have no numbers.
  if (typeof data !== 'object' || typeof data?.length !== 'number' || typeof data[0] === 'bigint')
    throw new DTypeError(`tensor data must be an array of numbers, got ${told(data)}`, { got: data });
  const wrong = Array.isArray(data) ? data.findIndex((number) => typeof number !== 'number') : -1;
  if (wrong >= 0) {
    const got: unknown = data[wrong];
    throw new DTypeError(`tensor data must be numbers, got ${told(got)} at index ${wrong}`, {
      got,
      index: wrong,
    });
  }
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw new ShapeError(`shape ${formatShape(shape)} needs ${expected} numbers, got ${data.length}`, {
      got: data.length,
      expected,
    });
  }
}
