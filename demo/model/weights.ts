import { contiguous, type Device, type Tensor } from 'tilewise';
import { ModelError } from './modelError.ts';
import { readElements, widen, type StoredTensor, type StoredType } from './safetensors.ts';

/** A weight that a kind of model needs: where it is in the file, and the shape that it must have. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** All weights that a model needs. */
export interface ModelSpecs {
  /** Kept on the host. */
  readonly host: readonly WeightSpec[];
  /** Uploaded, those that become one tensor together. */
  readonly device: readonly (readonly WeightSpec[])[];
}

/** How a matrix may be kept on the device. */
type Held = 'f32' | 'f16' | 'bf16';

/** A weight that products take. */
export type Matrix = Tensor<Held>;

/** Rows of an embedding, on the host. */
export interface Embedding {
  readonly rows: number;
  row(index: number): Float32Array;
}

/** The weights of a file: checked against what a model needs, and uploaded one by one. */
export class Weights {
  readonly #device: Device;
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #prefix: string;
  readonly #uploaded: Tensor[] = [];

  constructor(device: Device, tensors: ReadonlyMap<string, StoredTensor>, prefix: string) {
    this.#device = device;
    this.#tensors = tensors;
    // Some files leave out the name of the model around its layers.
    this.#prefix = [...tensors.keys()].some((name) => name.startsWith(prefix)) ? prefix : '';
  }

  /** @throws ModelError for a weight that is missing, or has another shape. */
  find({ name, shape }: WeightSpec): StoredTensor {
    const tensor = this.#tensors.get(this.#prefix + name) ?? this.#tensors.get(name);
    if (!tensor) {
      throw new ModelError(
        `Tensor ${this.#prefix}${name} is missing. Of a model in several files (…-00001-of-0000N.safetensors) drop all of them.`,
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new ModelError(
        `Tensor ${this.#prefix}${name} has shape [${tensor.shape.join(', ')}]; by config.json it should be [${shape.join(', ')}].`,
      );
    }
    return tensor;
  }

  /**
   * One matrix, or several of as many columns one below the other, as they are stored where the device can hold that.
   *
   * @throws OutOfMemoryError where the device has no room for it
   */
  async matrix(specs: readonly WeightSpec[]): Promise<Matrix> {
    const read = await Promise.all(specs.map((spec) => readElements(this.find(spec), spec.name)));
    const dtype = commonType(read.map((part) => part.dtype));
    const parts = read.map((part) => widen(part.dtype, part.bits));
    const rows = specs.reduce((total, { shape }) => total + shape[0]!, 0);
    const data = parts.length === 1 ? parts[0]! : concatenate(parts);
    const matrix = this.#upload(data, [rows, ...specs[0]!.shape.slice(1)], heldAs(dtype, this.#device));
    // Waits for it: memory that is not there is told now, and uploads do not pile up on their way.
    const first = matrix.slice(0, 0, 1);
    const row = contiguous(first);
    try {
      await row.read();
    } finally {
      row.dispose();
      first.dispose();
    }
    return matrix;
  }

  /** A vector, which norms and biases take in f32. */
  async vector(spec: WeightSpec): Promise<Tensor<'f32'>> {
    const { dtype, bits } = await readElements(this.find(spec), spec.name);
    return this.#upload(widen(dtype, bits), spec.shape, 'f32');
  }

  /** The rows stay as they are stored: each is widened when it is looked up. */
  async embedding(spec: WeightSpec): Promise<Embedding> {
    const [rows = 0, dim = 0] = spec.shape;
    const { dtype, bits } = await readElements(this.find(spec), spec.name);
    return { rows, row: (index) => widen(dtype, bits.subarray(index * dim, (index + 1) * dim)) };
  }

  /** What was computed for the model, and goes with its weights. */
  computed(values: Float32Array, shape: readonly number[]): Tensor<'f32'> {
    return this.#upload(values, shape, 'f32');
  }

  dispose(): void {
    for (const tensor of this.#uploaded) tensor.dispose();
  }

  #upload<D extends Held>(data: Float32Array, shape: readonly number[], dtype: D): Tensor<D> {
    const tensor = this.#device.tensor(data, shape, dtype);
    this.#uploaded.push(tensor);
    return tensor;
  }
}

/** Arrays one behind the other. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The type of a matrix that is made of several. */
export function commonType(types: readonly StoredType[]): StoredType {
  return types.every((type) => type === types[0]) ? types[0]! : 'F32';
}

/** How a matrix is kept: as it is stored, but halves in f32 where the adapter has none. */
export function heldAs(stored: StoredType, { capabilities }: Pick<Device, 'capabilities'>): Held {
  if (stored === 'BF16') return 'bf16';
  return stored === 'F16' && capabilities.f16 ? 'f16' : 'f32';
}
