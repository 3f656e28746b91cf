import { ArgumentError, DeviceLostError, UnsupportedError } from '../errors.ts';
import {
  checkDataLength,
  encodeElements,
  storageSizeBytes,
  Tensor,
  type DType,
  type Shape,
  type TensorData,
  type TensorSpec,
  type WaitOptions,
} from '../tensor.ts';
import { expectOptions, expectWait } from '../expect.ts';
import { BindGroups } from './bindGroups.ts';
import { BufferPool } from './bufferPool.ts';
import type { Capabilities } from './capabilities.ts';
import {
  checkBufferSize,
  checkFunction,
  checkGraph,
  checkResult,
  checkTensorSpec,
  checkWrappedRange,
} from './checks.ts';
import { CommandQueue } from './commandQueue.ts';
import {
  isRefused,
  PARAMS_SLOT_BYTES,
  type Dispatch,
  type Operands,
  type PreparedPlan,
  type Run,
} from './dispatch.ts';
import { BufferUsage, MapMode } from './gpuFlags.ts';
import { Graph, Recording, type GraphHost } from './graph.ts';
import { packParams } from './params.ts';
import { PipelineCache } from './pipelineCache.ts';
import type { Plan } from './plan.ts';
import type { PlanRunner } from './planRunner.ts';
import { GpuStorage, Slab, type Arena } from './storage.ts';
import { unlessAborted } from './unlessAborted.ts';
import type { DispatchProfile, GraphTiming, TimeableGraph, TimedDevice } from './timing.ts';

/** A WebGPU device: makes tensors, and runs plans on them. Opened by `openDevice()`. */
export class GpuDevice implements PlanRunner<PreparedPlan>, GraphHost {
  readonly backend = 'webgpu';
  readonly capabilities: Capabilities;
  /** The WebGPU device itself, for work of one's own on the same buffers. */
  readonly gpuDevice: GPUDevice;
  /** Resolves when the device is lost, with the reason; never rejects. */
  readonly lost: Promise<DeviceLostError>;
  readonly #pool: BufferPool;
  readonly #pipelines: PipelineCache;
  readonly #queue: CommandQueue;
  readonly #bindGroups: BindGroups;
  readonly #ownsDevice: boolean;
  readonly #onWarning: (message: string) => void;
  /** What runs instead of plans that the adapter has refused. */
  readonly #replacements = new WeakMap<PreparedPlan, PreparedPlan>();
  #capturing: Recording | undefined;
  #lostError: DeviceLostError | undefined;

  constructor(
    device: GPUDevice,
    capabilities: Capabilities,
    options: {
      readonly ownsDevice: boolean;
      readonly onWarning?: ((message: string) => void) | undefined;
    },
  ) {
    this.gpuDevice = device;
    this.capabilities = capabilities;
    this.#ownsDevice = options.ownsDevice;
    this.#onWarning = options.onWarning ?? (() => undefined);
    this.#pool = new BufferPool(device);
    this.#pipelines = new PipelineCache(device);
    this.#queue = new CommandQueue(device, {
      onIdle: () => {
        if (this.#pool.trim()) this.#bindGroups.clear();
      },
      allocationsChecked: () => this.#pool.allocationsChecked,
      replace: (run) => {
        const other = this.replacement(run);
        return other && { run: other, dispatches: this.#bindGroups.bind(other) };
      },
    });
    this.#bindGroups = new BindGroups(device, this.#queue.paramsBuffer);
    device.addEventListener('uncapturederror', (event) => {
      // Of a device of the caller's own, the caller hears by itself.
      if (options.ownsDevice) event.preventDefault();
      this.#onWarning(event.error.message);
    });
    this.lost = device.lost.then((info) => {
      this.#lostError ??= new DeviceLostError(
        `the GPU device was lost (${info.reason}): ${info.message.replace(/\.$/, '') || 'no reason given'}. ` +
          'Its tensors are gone; open a new device and upload again what you still hold.',
        { reason: info.reason },
      );
      return this.#lostError;
    });
  }

  /** A tensor filled with `data` in row-major order. */
  tensor<D extends DType = 'f32'>(data: TensorData, shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const spec = this.#checkSpec(shape, dtype);
    checkDataLength(data, shape);
    const tensor = this.empty(shape, spec.dtype) as Tensor<D>;
    this.#queue.write(tensor.storage as GpuStorage, encodeElements(data, spec.dtype));
    return tensor;
  }

  /** A tensor of arbitrary content, to be written by `write()` or by a shader of one's own. */
  empty<D extends DType = 'f32'>(shape: Shape, dtype?: D): Tensor<NoInfer<D>> {
    const spec = this.#checkSpec(shape, dtype);
    return new Tensor(this, shape, spec.dtype as D, this.#pool.acquireForHost(storageSizeBytes(spec)));
  }

  /**
   * A tensor over a buffer of one's own, which must have usage STORAGE, and COPY_SRC to be read. The buffer is
   * not destroyed with the tensor. No operation writes into its inputs, so a buffer wrapped twice is safe to read.
   *
   * @throws ShapeError when the buffer is too small or `byteOffset` is not aligned as the device demands.
   */
  wrap<D extends DType = 'f32'>(
    buffer: GPUBuffer,
    shape: Shape,
    dtype?: D,
    options: { readonly byteOffset?: number } = {},
  ): Tensor<NoInfer<D>> {
    expectOptions('wrap', options, ['byteOffset']);
    const spec = this.#checkSpec(shape, dtype);
    const sizeBytes = Math.max(4, storageSizeBytes(spec));
    const { byteOffset = 0 } = options;
    checkWrappedRange(buffer, byteOffset, sizeBytes, spec, this.capabilities);
    const slab = new Slab(buffer, sizeBytes);
    slab.shared = true;
    const storage = new GpuStorage(slab, byteOffset, () => undefined);
    storage.retain();
    return new Tensor(this, shape, spec.dtype as D, storage);
  }

  /** Submits what has been recorded. `read()` does so by itself. */
  flush(): void {
    this.#checkUsable();
    this.#queue.flush();
  }

  /** Resolves when the GPU has finished everything recorded so far; rejects if the device was lost. */
  async finished(options: WaitOptions = {}): Promise<void> {
    expectWait('finished', options);
    this.#checkUsable();
    await unlessAborted(options.signal, async () => {
      await this.#queue.submitted();
      await this.#orLost(this.gpuDevice.queue.onSubmittedWorkDone());
      // The work of a lost device counts as done.
      this.#checkUsable();
    });
  }

  /**
   * Records what `fn` does, without running it, as a graph to be replayed. What `fn` returns is the graph's `result`;
   * the tensors that it makes have content after the first replay. `fn` must not wait for results, and may write only to
   * tensors that it made by `tensor()` or `empty()`: what is written lasts over all replays.
   */
  capture<T>(fn: () => T): Graph<T> {
    this.#checkUsable();
    checkFunction('capture', fn);
    if (this.#capturing) throw new ArgumentError('capture() cannot be nested');
    const arena = this.#pool.enterArena();
    const recording = new Recording(arena);
    this.#capturing = recording;
    let result: T;
    try {
      result = fn();
      checkResult(result);
    } catch (error) {
      recording.abandon();
      this.#pool.dissolve(arena);
      throw error;
    } finally {
      this.#capturing = undefined;
      this.#pool.leaveArena();
    }
    return new Graph(this.gpuDevice, this, recording, result);
  }

  /**
   * Runs `fn` with every dispatch in a timed pass of its own. Passes that follow each other closely may overlap, so
   * short times add up to more than the whole; to time one operation well, use `time()`.
   *
   * @throws UnsupportedError without timestamp queries; the error, if any, that kept something from running.
   */
  async profile(fn: () => void): Promise<DispatchProfile[]> {
    this.#checkUsable();
    checkFunction('profile', fn);
    this.#requireTimestamps();
    const timing = await import('./timing.ts');
    this.#checkUsable();
    return timing.profileDispatches(this.#timedDevice(), fn);
  }

  /**
   * Runs a graph `repeats` times in one pass and measures the whole.
   *
   * @throws the error, if any, that kept the graph from running or spoiled what it reads: work left out takes no time.
   */
  async time(graph: TimeableGraph, repeats = 1): Promise<GraphTiming> {
    this.#checkUsable();
    checkGraph('time', graph);
    await graph.ready();
    await this.finished();
    const timing = await import('./timing.ts');
    return timing.timeGraph(this.#timedDevice(), graph, repeats);
  }

  /** Frees everything on the device; its tensors must not be used any more. A device of one's own is left alive. */
  destroy(): void {
    this.#lostError ??= new DeviceLostError('this device has been destroyed', { reason: 'destroyed' });
    this.#queue.destroy();
    this.#pool.destroy();
    if (this.#ownsDevice) this.gpuDevice.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Memory of the pool: what it holds in all, and what of it is waiting for a new user. */
  get memory(): { readonly allocatedBytes: number; readonly unusedBytes: number } {
    return { allocatedBytes: this.#pool.allocatedBytes, unusedBytes: this.#pool.unusedBytes };
  }

  /**
   * Starts compiling a plan's shaders.
   *
   * @param instead prepares a plan of another kernel for the same problem, for when the adapter refuses one of the shaders
   */
  prepare(plan: Plan, instead?: () => PreparedPlan | undefined): PreparedPlan {
    this.#checkUsable();
    for (const sizeBytes of plan.scratchBytes)
      checkBufferSize(sizeBytes, 'scratch memory', this.capabilities);
    return {
      scratchBytes: plan.scratchBytes,
      instead,
      passes: plan.passes.map((pass) => {
        const params = packParams(pass.params);
        if (params.byteLength > PARAMS_SLOT_BYTES) {
          throw new RangeError(
            `${pass.label}: parameters of ${params.byteLength} bytes, at most ${PARAMS_SLOT_BYTES}`,
          );
        }
        const pipeline = this.#pipelines.get(pass.shader, pass.bindings, pass.label);
        return { label: pass.label, pipeline, params, bindings: pass.bindings, workgroups: pass.workgroups };
      }),
    };
  }

  /**
   * Records a prepared plan on tensors of this device and returns its results, which share no buffer with the inputs, nor
   * with the tensors `apart`.
   */
  run(
    prepared: PreparedPlan,
    inputs: readonly Tensor[],
    outputs: readonly TensorSpec[],
    apart: readonly Tensor[] = [],
  ): Tensor[] {
    this.#checkUsable();
    const apartFrom = [...inputs, ...apart].map(storageOf);
    const results = outputs.map((spec) => {
      this.#checkSpec(spec.shape, spec.dtype);
      return new Tensor(this, spec.shape, spec.dtype, this.#pool.acquire(storageSizeBytes(spec), apartFrom));
    });
    this.encode(prepared, inputs, results);
    return results;
  }

  /** @internal Why the adapter has refused one of a plan's shaders, if it has. */
  refusal(plan: Plan): string | undefined {
    return this.#pipelines.refusal(plan.passes);
  }

  /** Records a prepared plan that writes into the tensors given, and uses the scratch given or some of the pool. */
  encode(
    prepared: PreparedPlan,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    scratch?: readonly Tensor[],
  ): void {
    const plan = this.#standing(prepared);
    const input = inputs.map(storageOf);
    const output = outputs.map(storageOf);
    const operands: Operands = {
      input,
      output,
      scratch:
        scratch?.map(storageOf) ?? this.#scratch(plan, input, output, (...of) => this.#pool.acquire(...of)),
    };
    const run = { plan, operands };
    if (this.#capturing) this.#capturing.add(run);
    else this.#queue.run({ run, dispatches: this.#bindGroups.bind(run) });
    if (!scratch) for (const storage of operands.scratch) storage.release();
  }

  #scratch(
    { scratchBytes }: PreparedPlan,
    input: readonly GpuStorage[],
    output: readonly GpuStorage[],
    acquire: (sizeBytes: number, apartFrom: readonly GpuStorage[]) => GpuStorage,
  ): readonly GpuStorage[] {
    if (scratchBytes.length === 0) return [];
    const apartFrom = [...input, ...output];
    return scratchBytes.map((sizeBytes) => {
      const storage = acquire(sizeBytes, apartFrom);
      apartFrom.push(storage);
      return storage;
    });
  }

  /** The plan itself, or the one that runs instead since the adapter has refused one of its shaders. */
  #standing(plan: PreparedPlan): PreparedPlan {
    let standing = plan;
    while (isRefused(standing)) {
      const known = this.#replacements.get(standing);
      const other = known ?? standing.instead?.();
      if (!other) return standing;
      if (!known) {
        this.#replacements.set(standing, other);
        const { label, pipeline } = standing.passes.find((pass) => pass.pipeline.error)!;
        this.#onWarning(
          `this adapter refuses the shader of ${label}; ${other.passes[0]!.label} runs instead. ${pipeline.error!.message}`,
        );
      }
      standing = other;
    }
    return standing;
  }

  /** @internal */
  replacement(run: Run, arena?: Arena): Run | undefined {
    const plan = this.#standing(run.plan);
    if (plan === run.plan) return undefined;
    const { input, output } = run.operands;
    // Memory that nobody has used yet: work recorded later may rely on what any other holds.
    const scratch = this.#scratch(plan, input, output, (sizeBytes) =>
      this.#pool.acquireNew(sizeBytes, arena),
    );
    for (const storage of scratch) storage.release();
    return { plan, operands: { input, output, scratch } };
  }

  /** @internal */
  shareBuffer(a: Tensor, b: Tensor): boolean {
    return storageOf(a).buffer === storageOf(b).buffer;
  }

  /** @internal */
  async readStorage(
    storage: GpuStorage,
    sizeBytes: number,
    { signal }: WaitOptions = {},
  ): Promise<ArrayBuffer> {
    this.#checkUsable();
    if (this.#capturing) throw new ArgumentError('a tensor cannot be read while a graph is being captured');
    if (sizeBytes === 0) return new ArrayBuffer(0);
    const staging = this.gpuDevice.createBuffer({
      size: sizeBytes,
      usage: BufferUsage.mapRead | BufferUsage.copyDst,
    });
    const { batch, value } = this.#queue.copyOut(storage, staging, sizeBytes);
    const read = async (): Promise<ArrayBuffer> => {
      try {
        await batch.checked;
        // Of a lost device everything fails, and the loss is what there is to say.
        if (value.fault) await this.#orLost(Promise.reject(value.fault));
        await this.#orLost(staging.mapAsync(MapMode.read));
        return staging.getMappedRange().slice(0);
      } finally {
        staging.destroy();
      }
    };
    return unlessAborted(signal, read);
  }

  /** @internal */
  writeStorage(storage: GpuStorage, bytes: Uint8Array<ArrayBuffer>, byteOffset = 0): void {
    this.#checkUsable();
    if (this.#capturing && storage.arena !== this.#capturing.arena) {
      throw new ArgumentError('a tensor made outside cannot be written while a graph is being captured');
    }
    if (this.#capturing?.outputs.has(storage)) {
      throw new ArgumentError(
        'a tensor that the graph computes cannot be written while it is being captured',
      );
    }
    this.#queue.write(storage, bytes, byteOffset);
  }

  /** @internal */
  storageBuffer(storage: GpuStorage): { readonly buffer: GPUBuffer; readonly byteOffset: number } {
    storage.slab.shared = true;
    return storage;
  }

  /** @internal */
  replay(graph: Graph, repeats: number): void {
    this.#checkUsable();
    if (this.#capturing)
      throw new ArgumentError('a graph cannot be replayed while another is being captured');
    this.#queue.replay(graph, repeats);
  }

  /** @internal */
  isAwaited(storage: GpuStorage): boolean {
    return this.#queue.isAwaited(storage);
  }

  /** @internal */
  async dissolve(arena: Arena): Promise<void> {
    this.#pool.dissolve(arena);
    if (!this.#lostError) await this.#queue.submitted();
  }

  /** @internal */
  bind(run: Run, params: GPUBuffer): Dispatch[] {
    return this.#bindGroups.bind(run, params);
  }

  #timedDevice(): TimedDevice {
    const { gpuDevice, capabilities } = this;
    return { gpuDevice, capabilities, queue: this.#queue, orLost: (wait) => this.#orLost(wait) };
  }

  #checkSpec(shape: Shape, dtype: DType = 'f32'): TensorSpec {
    this.#checkUsable();
    return checkTensorSpec(shape, dtype, this.capabilities);
  }

  #checkUsable(): void {
    if (this.#lostError) throw this.#lostError;
  }

  #requireTimestamps(): void {
    if (this.capabilities.timestampQuery) return;
    throw new UnsupportedError('this adapter has no timestamp queries (feature timestamp-query)', {
      feature: 'timestamp-query',
    });
  }

  /** Turns the rejection of a wait into the loss that caused it. */
  async #orLost<T>(wait: Promise<T>): Promise<T> {
    try {
      return await wait;
    } catch (error) {
      // The loss and the rejection that it causes may arrive in either order.
      const settled = new Promise<undefined>((resolve) => setTimeout(resolve, 100, undefined));
      throw (await Promise.race([this.lost, settled])) ?? error;
    }
  }
}

function storageOf(tensor: Tensor): GpuStorage {
  return tensor.storage as GpuStorage;
}
