import type { GpuDevice } from '../../../src/node.ts';
import type { Plan } from '../../../src/runtime/plan.ts';
import {
  decodeElements,
  elementCount,
  encodeElements,
  storageSizeBytes,
  type Tensor,
  type TensorSpec,
} from '../../../src/tensor.ts';

const STORAGE_COPY = 0x80 | 0x4 | 0x8;

/** Bytes before and after each tensor; a multiple of every alignment. */
const GUARD_BYTES = 4096;

/** A quiet NaN in f32 and, in both halves, in f16: whoever reads it by mistake shows it in the result. */
const POISON = 0x7fc17fc1;

/** What the elements of a result hold before a kernel runs. */
export function poisoned({ shape, dtype }: TensorSpec): Float64Array {
  const count = elementCount(shape);
  const words = new Uint32Array(storageSizeBytes({ shape, dtype }) / 4).fill(POISON);
  return Float64Array.from(decodeElements(words.buffer, dtype, count));
}

/** A tensor in the middle of a larger buffer whose edges nobody may touch. */
class GuardedTensor {
  readonly tensor: Tensor;
  readonly #buffer: GPUBuffer;
  readonly #sizeBytes: number;

  constructor(device: GpuDevice, spec: TensorSpec, content?: Float64Array) {
    this.#sizeBytes = Math.max(4, storageSizeBytes(spec));
    const words = new Uint32Array((this.#sizeBytes + 2 * GUARD_BYTES) / 4).fill(POISON);
    if (content) new Uint8Array(words.buffer).set(encodeElements(content, spec.dtype), GUARD_BYTES);
    this.#buffer = device.gpuDevice.createBuffer({ size: words.byteLength, usage: STORAGE_COPY });
    device.gpuDevice.queue.writeBuffer(this.#buffer, 0, words);
    this.tensor = device.wrap(this.#buffer, spec.shape, spec.dtype, { byteOffset: GUARD_BYTES });
  }

  /** The elements, and how many words of the guards were overwritten. */
  async read(device: GpuDevice): Promise<{ values: Float64Array; damagedWords: number }> {
    const whole = device.wrap(this.#buffer, [this.#buffer.size / 4], 'u32');
    const words = await whole.read();
    whole.dispose();
    const first = GUARD_BYTES / 4;
    const guards = [words.subarray(0, first), words.subarray(first + this.#sizeBytes / 4)];
    const { shape, dtype } = this.tensor;
    const content = words.slice(first, first + this.#sizeBytes / 4);
    return {
      values: Float64Array.from(decodeElements(content.buffer, dtype, elementCount(shape))),
      damagedWords: guards.reduce((sum, guard) => sum + guard.filter((word) => word !== POISON).length, 0),
    };
  }

  destroy(): void {
    this.tensor.dispose();
    this.#buffer.destroy();
  }
}

/** Runs a plan with every buffer guarded, and results and scratch poisoned. */
export async function runGuarded(
  device: GpuDevice,
  plan: Plan,
  inputs: readonly { readonly spec: TensorSpec; readonly values: Float64Array }[],
  outputs: readonly TensorSpec[],
): Promise<{ readonly outputs: readonly Float64Array[]; readonly damagedWords: number }> {
  const ins = inputs.map(({ spec, values }) => new GuardedTensor(device, spec, values));
  const outs = outputs.map((spec) => new GuardedTensor(device, spec));
  const scratch = plan.scratchBytes.map(
    (sizeBytes) => new GuardedTensor(device, { shape: [Math.ceil(sizeBytes / 4)], dtype: 'u32' }),
  );
  const tensors = (guarded: readonly GuardedTensor[]): Tensor[] => guarded.map(({ tensor }) => tensor);
  try {
    const prepared = device.prepare(plan);
    device.encode(prepared, tensors(ins), tensors(outs), tensors(scratch));
    // The guards are read under other names than the results have, which no error follows.
    for (const { pipeline } of prepared.passes) {
      await pipeline.settled;
      if (pipeline.error) throw pipeline.error;
    }
    let damagedWords = 0;
    for (const guarded of [...ins, ...scratch]) damagedWords += (await guarded.read(device)).damagedWords;
    const results: Float64Array[] = [];
    for (const guarded of outs) {
      const { values, damagedWords: damaged } = await guarded.read(device);
      results.push(values);
      damagedWords += damaged;
    }
    return { outputs: results, damagedWords };
  } finally {
    for (const guarded of [...ins, ...outs, ...scratch]) guarded.destroy();
  }
}
