import { ArgumentError, DeviceLostError, OutOfMemoryError, UnsupportedError } from '../errors.ts';
import {
  checkDataLength,
  decodeElements,
  encodeElements,
  formatShape,
  storageSizeBytes,
  Tensor,
  type DType,
  type Shape,
  type TensorData,
  type TensorDevice,
  type TensorSpec,
  type TensorStorage,
  type WaitOptions,
} from '../tensor.ts';
import { expectWait } from '../expect.ts';
import type { TimeableGraph } from './timing.ts';
import { checkFunction, checkGraph, checkRepeats, checkResult, checkTensorSpec } from './checks.ts';
import { deepFreeze, LIMIT_NAMES, type Capabilities, type DeviceLimits } from './capabilities.ts';

class CpuStorage implements TensorStorage {
  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {}

  /** @throws OutOfMemoryError where JavaScript gives no array of that size */
  static of(spec: TensorSpec): CpuStorage {
    const sizeBytes = storageSizeBytes(spec);
    try {
      return new CpuStorage(new Uint8Array(sizeBytes));
    } catch {
      const named = `${spec.dtype} ${formatShape(spec.shape)}`;
      throw new OutOfMemoryError(`${named} needs ${sizeBytes} bytes in one array, more than there are`, {
        sizeBytes,
      });
    }
  }

  // The garbage collector counts the references.
  retain(): void {}
  release(): void {}
}

/** What an operation computes on the CPU, all in f64: its inputs and what its outputs hold in, its results out. */
type CpuComputation = (
  inputs: readonly Float64Array[],
  outputs: readonly Float64Array[],
) => readonly Float64Array[];

/** Of each operation, by its name, what it computes for a problem. */
type References = Readonly<
  Record<
    string,
    { reference(problem: unknown, ...operands: Parameters<CpuComputation>): ReturnType<CpuComputation> }
  >
>;

/** The elements of a tensor, or of the one that a view looks at. */
interface StoredElements {
  readonly storage: CpuStorage;
  readonly dtype: DType;
  readonly elements: number;
}

function decode({ storage, dtype, elements }: StoredElements): Float64Array {
  return Float64Array.from(decodeElements(storage.bytes.buffer, dtype, elements));
}

/** Work recorded once and run many times, as `Graph` is on a GPU. */
export class CpuGraph<T = unknown> implements Disposable {
  /** What the captured function returned. */
  readonly result: T;
  readonly #steps: readonly (() => void)[];
  #disposed = false;

  constructor(steps: readonly (() => void)[], result: T) {
    this.result = result;
    this.#steps = steps;
  }

  get dispatchCount(): number {
    return this.#steps.length;
  }

  replay(repeats = 1): void {
    if (this.#disposed) throw new ArgumentError('this graph has been disposed');
    checkRepeats(repeats);
    for (let i = 0; i < repeats; i++) for (const step of this.#steps) step();
  }

  async ready(): Promise<void> {}

  dispose(): void {
    this.#disposed = true;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** No limits but memory, no shaders. */
const CPU_CAPABILITIES: Capabilities = deepFreeze({
  backend: 'cpu',
  adapter: {
    vendor: '',
    architecture: '',
    device: 'cpu',
    description: 'reference implementation on the CPU',
  },
  software: true,
  f16: true,
  subgroups: undefined,
  subgroupMatrixConfigs: [],
  timestampQuery: false,
  boundsChecked: true,
  features: [],
  wgslFeatures: [],
  limits: Object.fromEntries(LIMIT_NAMES.map((name) => [name, Infinity])) as unknown as DeviceLimits,
});

/** The CPU path: every operation runs at once through the reference implementation, in f64, and is rounded at the end. */
export class CpuDevice implements TensorDevice<CpuStorage> {
  readonly backend = 'cpu';
  readonly capabilities = CPU_CAPABILITIES;
  /** Never resolves: a processor is not lost. */
  readonly lost: Promise<DeviceLostError> = new Promise(() => undefined);
  readonly #references: References;
  #capturing: (() => void)[] | undefined;
  #destroyed = false;

  constructor(references: References) {
    this.#references = references;
  }

  tensor<D extends DType = 'f32'>(data: TensorData, shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const spec = this.#checkSpec(shape, dtype);
    checkDataLength(data, shape);
    return new Tensor(this, shape, spec.dtype as D, new CpuStorage(encodeElements(data, spec.dtype)));
  }

  empty<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const spec = this.#checkSpec(shape, dtype);
    return new Tensor(this, shape, spec.dtype as D, CpuStorage.of(spec));
  }

  /** @throws UnsupportedError always: the CPU path has no GPU buffers. */
  wrap(): never {
    throw new UnsupportedError('the CPU backend has no GPU buffers to wrap');
  }

  flush(): void {
    this.#checkUsable();
  }

  /** Everything is finished at once; `signal` has nothing to end. */
  async finished(options: WaitOptions = {}): Promise<void> {
    expectWait('finished', options);
    this.#checkUsable();
  }

  capture<T>(fn: () => T): CpuGraph<T> {
    checkFunction('capture', fn);
    if (this.#capturing) throw new ArgumentError('capture() cannot be nested');
    const steps: (() => void)[] = [];
    this.#capturing = steps;
    try {
      const result = fn();
      checkResult(result);
      return new CpuGraph(steps, result);
    } finally {
      this.#capturing = undefined;
    }
  }

  /** @throws UnsupportedError always: there is no GPU time to measure. */
  profile(): never {
    throw new UnsupportedError('the CPU backend has no GPU time to profile');
  }

  async time(
    graph: TimeableGraph,
    repeats = 1,
  ): Promise<{ gpuDurationNs: undefined; wallDurationNs: number }> {
    checkGraph('time', graph);
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

  /** @internal What the operation of this name computes for a problem. */
  computation(operation: string, problem: unknown): CpuComputation {
    const definition = this.#references[operation]!;
    return (inputs, outputs) => definition.reference(problem, inputs, outputs);
  }

  /** Runs a computation into new tensors; or keeps it for later while a graph is being captured. */
  run(compute: CpuComputation, inputs: readonly Tensor[], outputs: readonly TensorSpec[]): Tensor[] {
    const results = outputs.map((spec) => this.empty(spec.shape, spec.dtype));
    this.runInto(compute, inputs, results);
    return results;
  }

  /** The same into tensors that exist. */
  runInto(compute: CpuComputation, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    // Storages, not tensors: a graph outlives the tensors that its function disposed.
    const stored = ({ storage, dtype, layout }: Tensor): StoredElements => ({
      storage: storage as CpuStorage,
      dtype,
      elements: layout.elements,
    });
    const sources = inputs.map(stored);
    const targets = outputs.map(stored);
    const step = (): void => {
      const values = compute(sources.map(decode), targets.map(decode));
      for (const [index, { storage, dtype }] of targets.entries()) {
        storage.bytes.set(encodeElements(values[index]!, dtype));
      }
    };
    if (this.#capturing) this.#capturing.push(step);
    else step();
  }

  /** @internal */
  async readStorage(storage: CpuStorage, sizeBytes: number): Promise<ArrayBuffer> {
    this.#checkUsable();
    return storage.bytes.slice(0, sizeBytes).buffer;
  }

  /** @internal */
  writeStorage(storage: CpuStorage, bytes: Uint8Array<ArrayBuffer>, byteOffset = 0): void {
    this.#checkUsable();
    storage.bytes.set(bytes, byteOffset);
  }

  /** @internal */
  storageBuffer(): never {
    throw new UnsupportedError('tensors of the CPU backend have no GPU buffer');
  }

  /** @internal A computation has its operands in numbers of its own. */
  shareBuffer(): boolean {
    return false;
  }

  #checkSpec(shape: Shape, dtype: DType = 'f32'): TensorSpec {
    this.#checkUsable();
    return checkTensorSpec(shape, dtype, CPU_CAPABILITIES);
  }

  #checkUsable(): void {
    if (this.#destroyed) throw new DeviceLostError('this device has been destroyed', { reason: 'destroyed' });
  }
}
