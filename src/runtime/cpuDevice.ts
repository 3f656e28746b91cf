import { ArgumentError, DeviceLostError, UnsupportedError } from '../errors.ts';
import {
  checkDataLength,
  checkDType,
  checkShape,
  decodeElements,
  encodeElements,
  storageSizeBytes,
  Tensor,
  type DType,
  type Shape,
  type TensorData,
  type TensorDevice,
  type TensorSpec,
  type TensorStorage,
} from '../tensor.ts';
import { CPU_CAPABILITIES } from './capabilities.ts';

class CpuStorage implements TensorStorage {
  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {}
  // The garbage collector counts the references.
  retain(): void {}
  release(): void {}
}

/** What an operation computes on the CPU: its inputs in, its results out, all in f64 and row-major. */
export type CpuComputation = (inputs: readonly Float64Array[]) => readonly Float64Array[];

/** Work recorded once and run many times, as `Graph` is on a GPU. */
export class CpuGraph<T = unknown> implements Disposable {
  /** What the captured function returned. */
  readonly result: T;
  readonly #steps: readonly (() => void)[];

  constructor(steps: readonly (() => void)[], result: T) {
    this.result = result;
    this.#steps = steps;
  }

  get dispatchCount(): number {
    return this.#steps.length;
  }

  replay(repeats = 1): void {
    for (let i = 0; i < repeats; i++) for (const step of this.#steps) step();
  }

  async ready(): Promise<void> {}

  dispose(): void {}

  [Symbol.dispose](): void {}
}

/** The CPU path: every operation runs at once through the reference implementation, in f64, and is rounded at the end. */
export class CpuDevice implements TensorDevice<CpuStorage> {
  readonly backend = 'cpu';
  readonly capabilities = CPU_CAPABILITIES;
  /** Never resolves: a processor is not lost. */
  readonly lost: Promise<DeviceLostError> = new Promise(() => undefined);
  #capturing: (() => void)[] | undefined;
  #destroyed = false;

  tensor<D extends DType = 'f32'>(data: TensorData, shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    this.#checkUsable();
    checkShape(shape);
    checkDataLength(data, shape);
    const type = checkDType(dtype ?? 'f32') as D;
    return new Tensor(this, shape, type, new CpuStorage(encodeElements(data, type)));
  }

  empty<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    this.#checkUsable();
    checkShape(shape);
    const type = checkDType(dtype ?? 'f32') as D;
    return new Tensor(
      this,
      shape,
      type,
      new CpuStorage(new Uint8Array(storageSizeBytes({ shape, dtype: type }))),
    );
  }

  /** @throws UnsupportedError always: the CPU path has no GPU buffers. */
  wrap(): never {
    throw new UnsupportedError('the CPU backend has no GPU buffers to wrap');
  }

  flush(): void {}

  async finished(): Promise<void> {}

  capture<T>(fn: () => T): CpuGraph<T> {
    if (this.#capturing) throw new ArgumentError('capture() cannot be nested');
    const steps: (() => void)[] = [];
    this.#capturing = steps;
    try {
      const result = fn();
      return new CpuGraph(steps, result);
    } finally {
      this.#capturing = undefined;
    }
  }

  /** @throws UnsupportedError always: there is no GPU time to measure. */
  profile(): never {
    throw new UnsupportedError('the CPU backend has no GPU time to profile');
  }

  async time(graph: CpuGraph, repeats = 1): Promise<{ gpuDurationNs: undefined; wallDurationNs: number }> {
    const start = performance.now();
    graph.replay(repeats);
    return { gpuDurationNs: undefined, wallDurationNs: (performance.now() - start) * 1e6 };
  }

  destroy(): void {
    this.#destroyed = true;
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Runs a computation, or keeps it for later while a graph is being captured. */
  run(compute: CpuComputation, inputs: readonly Tensor[], outputs: readonly TensorSpec[]): Tensor[] {
    const results = outputs.map((spec) => this.empty(spec.shape, spec.dtype));
    // Storages, not tensors: a graph outlives the tensors that its function disposed.
    const sources = inputs.map(({ storage, dtype, size }) => ({
      storage: storage as CpuStorage,
      dtype,
      size,
    }));
    const targets = results.map(({ storage, dtype }) => ({ storage: storage as CpuStorage, dtype }));
    const step = (): void => {
      const operands = sources.map(({ storage, dtype, size }) =>
        Float64Array.from(decodeElements(storage.bytes.buffer, dtype, size)),
      );
      const values = compute(operands);
      for (const [index, { storage, dtype }] of targets.entries()) {
        storage.bytes.set(encodeElements(values[index]!, dtype));
      }
    };
    if (this.#capturing) this.#capturing.push(step);
    else step();
    return results;
  }

  /** @internal */
  async readStorage(storage: CpuStorage, sizeBytes: number): Promise<ArrayBuffer> {
    this.#checkUsable();
    return storage.bytes.slice(0, sizeBytes).buffer;
  }

  /** @internal */
  writeStorage(storage: CpuStorage, bytes: Uint8Array<ArrayBuffer>): void {
    this.#checkUsable();
    storage.bytes.set(bytes);
  }

  /** @internal */
  storageBuffer(): never {
    throw new UnsupportedError('tensors of the CPU backend have no GPU buffer');
  }

  #checkUsable(): void {
    if (this.#destroyed) throw new DeviceLostError('this device has been destroyed', { reason: 'destroyed' });
  }
}
