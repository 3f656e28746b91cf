import type { Device, GpuDevice, Tensor } from '../../src/index.ts';
import type { InputSpec } from '../../src/kernels/define.ts';
import { dtypeSizeBytes, elementCount, encodeElements, storageSizeBytes } from '../../src/tensor.ts';
import { DISTINCT, randomPattern } from './inputs.ts';

interface Pattern {
  readonly values: Float64Array;
  /** The pattern as the device stores it, as often as it takes to end with a word: it has an odd number of elements. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Numbers drawn once for each kind of elements and seed; every operand is a prefix or a repetition of one of these. */
const patterns = new Map<string, Pattern>();

function patternOf(spec: InputSpec, seed: number): Pattern {
  if (spec.offsetsTo !== undefined) {
    const values = evenOffsets(elementCount(spec.shape), spec.offsetsTo);
    return { values, bytes: encodeElements(values, spec.dtype) };
  }
  const key = `${spec.packed ?? spec.dtype} ${seed}`;
  const existing = patterns.get(key);
  if (existing) return existing;
  const values = randomPattern(spec, DISTINCT, seed);
  const repeats = Math.max(1, 4 / dtypeSizeBytes(spec.dtype));
  const repeated = new Float64Array(repeats * DISTINCT);
  for (let repeat = 0; repeat < repeats; repeat++) repeated.set(values, repeat * DISTINCT);
  const pattern = { values, bytes: encodeElements(repeated, spec.dtype) };
  patterns.set(key, pattern);
  return pattern;
}

/** `count` numbers that ascend evenly from 0 to `last`. */
export function evenOffsets(count: number, last: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => Math.floor((index * last) / (count - 1)));
}

/**
 * An input of an operation on the host: normally distributed numbers, drawn by seed and rounded to the data type.
 * Only a million of them are kept, however large the tensor: the rest repeats them.
 */
export class Operand {
  readonly spec: InputSpec;
  /** Number of elements. */
  readonly size: number;
  readonly #pattern: Pattern;

  constructor(spec: InputSpec, seed: number) {
    this.spec = spec;
    this.size = elementCount(spec.shape);
    this.#pattern = patternOf(spec, seed);
  }

  at(index: number): number {
    return this.#pattern.values[index % DISTINCT]!;
  }

  /** Elements from `start` on, in row-major order. */
  slice(start: number, length: number): Float64Array {
    const out = new Float64Array(length);
    for (let done = 0; done < length;) {
      const from = (start + done) % DISTINCT;
      const part = this.#pattern.values.subarray(from, from + length - done);
      out.set(part, done);
      done += part.length;
    }
    return out;
  }

  /** All elements. */
  values(): Float64Array {
    return this.slice(0, this.size);
  }

  /** The first elements as a device stores them; a larger tensor repeats them. */
  get pattern(): Uint8Array<ArrayBuffer> {
    return this.#pattern.bytes.subarray(0, Math.min(this.size, DISTINCT) * dtypeSizeBytes(this.spec.dtype));
  }

  upload(device: Device): Tensor {
    if (device.backend === 'cpu') return device.tensor(this.values(), this.spec.shape, this.spec.dtype);
    const tensor = device.empty(this.spec.shape, this.spec.dtype);
    fillBytes(device, tensor, this.#pattern.bytes);
    return tensor;
  }
}

/** A quiet NaN in f32 and, in both halves, in f16: an element that a kernel forgets to write does not go unnoticed. */
const POISON = 0x7fc17fc1;
const POISON_BYTES = 4 << 20;

/** Fills a tensor with NaN. */
export function poison(device: GpuDevice, tensor: Tensor): void {
  const words = Math.min(POISON_BYTES, storageSizeBytes(tensor)) / 4;
  fillBytes(device, tensor, new Uint8Array(new Uint32Array(words).fill(POISON).buffer));
}

/** Writes `bytes`, a multiple of 4, again and again until the tensor is full. */
function fillBytes(device: GpuDevice, tensor: Tensor, bytes: Uint8Array<ArrayBuffer>): void {
  const sizeBytes = storageSizeBytes(tensor);
  // Recorded work may still use the memory that this tensor was given.
  device.flush();
  const { buffer, byteOffset } = tensor;
  for (let start = 0; start < sizeBytes; start += bytes.byteLength) {
    const length = Math.min(bytes.byteLength, sizeBytes - start);
    device.gpuDevice.queue.writeBuffer(buffer, byteOffset + start, bytes, 0, length);
  }
}
