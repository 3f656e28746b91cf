import { randomElements } from '../../../bench/measure/inputs.ts';
import { Tensor, type GpuDevice } from '../../../src/node.ts';
import { BufferUsage, MapMode } from '../../../src/runtime/gpuFlags.ts';
import { storageSizeBytes, type TensorDevice } from '../../../src/tensor.ts';
import { library } from '../library.ts';
import { slotsIn, bornOf, type Step } from './steps.ts';

/** Bytes of a caller's own buffer around a tensor: nobody may write there. */
const CANARY = 0xa5;

interface OwnBuffer {
  readonly buffer: GPUBuffer;
  readonly from: number;
  readonly to: number;
}

type Operation = (...args: readonly unknown[]) => unknown;

/** Performs steps on a device. */
export class Machine {
  /** By slot; what was disposed of is still here. */
  readonly tensors: (Tensor | undefined)[] = [];
  /** Of a view, and of another shape of the same memory: the slot that it looks at. */
  readonly roots: number[] = [];
  /** Of each step: the error that it ended in. */
  readonly refusals: unknown[] = [];
  readonly #owned: OwnBuffer[] = [];

  constructor(readonly device: TensorDevice) {}

  live(slot: number): Tensor | undefined {
    const tensor = this.tensors[slot];
    return tensor?.disposed === false ? tensor : undefined;
  }

  /** A tensor that sees the same memory and can be written to, if there still is one. */
  writable(slot: number): Tensor | undefined {
    const root = this.roots[slot];
    return this.tensors.find(
      (tensor, other) => this.roots[other] === root && tensor?.disposed === false && !tensor.view,
    );
  }

  /** Slots whose tensors are there and are no views. */
  get whole(): number[] {
    return [...this.tensors.keys()].filter((slot) => this.live(slot) && !this.tensors[slot]!.view);
  }

  /** Does a step; what the library throws becomes its refusal. Gives the tensors that it has made or written. */
  perform(step: Step): readonly Tensor[] {
    const made: (Tensor | undefined)[] = [];
    let refusal: unknown;
    let changed: readonly Tensor[] = [];
    const first = this.tensors.length;
    try {
      changed = this.#do(step, made);
    } catch (error) {
      refusal = error;
    }
    this.refusals.push(refusal);
    for (let index = 0; index < bornOf(step); index++) {
      this.tensors.push(made[index]);
      this.roots.push(step.kind === 'view' ? this.roots[step.of]! : first + index);
    }
    // Of another number than was foretold: nobody sees them.
    for (const extra of made.slice(bornOf(step))) extra?.dispose();
    return changed;
  }

  /** What the last step has brought into being never came into being, as where it was refused. */
  forget(step: Step): void {
    for (let slot = this.tensors.length - bornOf(step); slot < this.tensors.length; slot++) {
      this.tensors[slot]?.dispose();
      this.tensors[slot] = undefined;
    }
  }

  #do(step: Step, made: (Tensor | undefined)[]): readonly Tensor[] {
    switch (step.kind) {
      case 'make':
        made.push(this.#make(step));
        return made as Tensor[];
      case 'call':
        return this.#call(step, made);
      case 'view': {
        const of = this.tensors[step.of] as unknown as Record<string, Operation> | undefined;
        if (of) made.push(of[step.method]!(...step.args) as Tensor);
        return [];
      }
      case 'write': {
        const tensor = this.tensors[step.slot];
        if (!tensor) return [];
        tensor.write(randomElements(tensor, step.seed, step.distribution));
        return [tensor];
      }
      case 'dispose':
        this.tensors[step.slot]?.dispose();
        return [];
      case 'flush':
        (this.device as GpuDevice).flush();
        return [];
      default:
        return [];
    }
  }

  #call({ op, args, into }: Step & { kind: 'call' }, made: (Tensor | undefined)[]): readonly Tensor[] {
    if (slotsIn(args).some((slot) => !this.tensors[slot])) return [];
    const run = (library as unknown as Record<string, Operation>)[op]!;
    const result = run(...(this.#given(args) as unknown[]));
    if (into !== undefined) {
      const written = this.writable(into);
      return written ? [written] : [];
    }
    const tensors =
      result instanceof Tensor
        ? [result]
        : Object.values(result as object).filter((part) => part instanceof Tensor);
    made.push(...tensors);
    return tensors;
  }

  #given(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((part) => this.#given(part));
    if (typeof value !== 'object' || value === null) return value;
    if ('slot' in value) return this.tensors[value.slot as number];
    if ('number' in value) return Number(value.number);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, this.#given(part)]));
  }

  #make({ shape, dtype, seed, distribution, wrapped }: Step & { kind: 'make' }): Tensor {
    const numbers = randomElements({ shape, dtype }, seed, distribution);
    if (wrapped === undefined || this.device.backend === 'cpu')
      return this.device.tensor(numbers, shape, dtype);
    const device = this.device as GpuDevice;
    const from = wrapped * device.capabilities.limits.minStorageBufferOffsetAlignment;
    const to = from + Math.max(4, storageSizeBytes({ shape, dtype }));
    const buffer = device.gpuDevice.createBuffer({
      size: to + 64,
      usage: BufferUsage.storage | BufferUsage.copySrc | BufferUsage.copyDst,
    });
    device.gpuDevice.queue.writeBuffer(buffer, 0, new Uint8Array(to + 64).fill(CANARY));
    this.#owned.push({ buffer, from, to });
    const tensor = device.wrap(buffer, shape, dtype, { byteOffset: from });
    tensor.write(numbers);
    return tensor;
  }

  /** What the memory of a tensor holds, by a copy of the caller's own. */
  async ownCopy(tensor: Tensor): Promise<ArrayBuffer> {
    const device = this.device as GpuDevice;
    await device.finished();
    const elements = tensor.view ? tensor.view.elements : tensor.size;
    const sizeBytes = storageSizeBytes({ shape: [elements], dtype: tensor.dtype });
    return copied(device, tensor.buffer, tensor.byteOffset, sizeBytes);
  }

  /** What is wrong with the surroundings of tensors in buffers of the caller's own. */
  async spoilt(): Promise<string | undefined> {
    if (this.#owned.length === 0) return undefined;
    const device = this.device as GpuDevice;
    await device.finished();
    for (const { buffer, from, to } of this.#owned) {
      const bytes = new Uint8Array(await copied(device, buffer, 0, buffer.size));
      const at = bytes.findIndex((byte, index) => (index < from || index >= to) && byte !== CANARY);
      if (at >= 0) return `byte ${at} of a buffer in which a tensor has ${from} to ${to} was written`;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    for (const tensor of this.tensors) tensor?.dispose();
    for (const { buffer } of this.#owned) buffer.destroy();
  }
}

async function copied(
  { gpuDevice }: GpuDevice,
  from: GPUBuffer,
  offset: number,
  size: number,
): Promise<ArrayBuffer> {
  const staging = gpuDevice.createBuffer({ size, usage: BufferUsage.mapRead | BufferUsage.copyDst });
  const encoder = gpuDevice.createCommandEncoder();
  encoder.copyBufferToBuffer(from, offset, staging, 0, size);
  gpuDevice.queue.submit([encoder.finish()]);
  await staging.mapAsync(MapMode.read);
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}
