import { ArgumentError } from '../errors.ts';
import type { Arena, GpuStorage } from './bufferPool.ts';
import { PARAMS_SLOT_BYTES, type Dispatch, type DispatchSource } from './dispatch.ts';
import { BufferUsage } from './gpuFlags.ts';
import type { PipelineEntry } from './pipelineCache.ts';

/** What a graph needs of the device that captured it. */
export interface GraphHost {
  replay(graph: Graph, repeats: number): void;
  /** Gives an arena's memory back; resolves once everything recorded so far has been submitted. */
  dissolve(arena: Arena): Promise<void>;
  /** Makes a dispatch's bind group over a uniform buffer, and its dynamic offsets with the first still open. */
  bind(source: DispatchSource, params: GPUBuffer): Dispatch;
}

/** What a captured function has recorded. */
export class Recording {
  readonly dispatches: DispatchSource[] = [];
  /** Storages read before the graph writes them, if it ever does. */
  readonly inputs = new Set<GpuStorage>();
  readonly outputs = new Set<GpuStorage>();

  constructor(readonly arena: Arena) {}

  add(dispatch: DispatchSource): void {
    this.dispatches.push(dispatch);
    for (const storage of dispatch.reads) {
      if (this.outputs.has(storage) || this.inputs.has(storage)) continue;
      // At once: if the function disposed of it, a later step would get its memory, and the next replay read what
      // that step left there.
      storage.retain();
      this.inputs.add(storage);
    }
    for (const storage of dispatch.writes) this.outputs.add(storage);
  }

  /** For a function that failed. */
  abandon(): void {
    for (const storage of this.inputs) storage.release();
  }
}

/**
 * Work recorded once and run many times: replaying makes no checks, allocates nothing and makes no bind group.
 * Change what it reads with `tensor.write()`. It keeps the memory of its tensors until it is disposed.
 */
export class Graph<T = unknown> implements Disposable {
  /** What the captured function returned. */
  readonly result: T;
  /** Storages whose content from before a replay it reads. */
  readonly inputs: readonly GpuStorage[];
  /** Storages written. */
  readonly outputs: readonly GpuStorage[];
  readonly pipelines: PipelineEntry[];
  readonly #host: GraphHost;
  readonly #arena: Arena;
  readonly #params: GPUBuffer;
  readonly #steps: readonly Dispatch[];
  #disposed = false;

  /** @internal Made by `device.capture()`. */
  constructor(
    device: GPUDevice,
    host: GraphHost,
    { arena, dispatches, inputs, outputs }: Recording,
    result: T,
  ) {
    this.result = result;
    this.#host = host;
    this.#arena = arena;
    this.#params = device.createBuffer({
      label: 'graph params',
      size: Math.max(1, dispatches.length) * PARAMS_SLOT_BYTES,
      usage: BufferUsage.uniform | BufferUsage.copyDst,
    });
    const bytes = new Uint8Array(dispatches.length * PARAMS_SLOT_BYTES);
    this.#steps = dispatches.map((dispatch, index) => {
      bytes.set(dispatch.params, index * PARAMS_SLOT_BYTES);
      const step = host.bind(dispatch, this.#params);
      step.offsets[0] = index * PARAMS_SLOT_BYTES;
      return step;
    });
    device.queue.writeBuffer(this.#params, 0, bytes);
    this.pipelines = [...new Set(dispatches.map((dispatch) => dispatch.pipeline))];
    // The recording has retained the inputs.
    this.inputs = [...inputs];
    this.outputs = [...outputs];
    for (const storage of this.outputs) {
      storage.retain();
      storage.value.fault = new ArgumentError(
        'this tensor is made by a graph that has not run: replay it first',
      );
    }
  }

  /** Number of dispatches of one replay. */
  get dispatchCount(): number {
    return this.#steps.length;
  }

  /** Records the work once more; results are to be read from the tensors that the captured function made. */
  replay(repeats = 1): void {
    if (this.#disposed) throw new ArgumentError('this graph has been disposed');
    if (!Number.isSafeInteger(repeats) || repeats < 1) {
      throw new ArgumentError(`a graph is replayed a whole number of times, got ${repeats}`, {
        got: repeats,
      });
    }
    this.#host.replay(this, repeats);
  }

  /**
   * Resolves when every pipeline has been compiled.
   * @throws ShaderCompileError if one was refused.
   */
  async ready(): Promise<void> {
    await Promise.all(this.pipelines.map((entry) => entry.settled));
    const refused = this.pipelines.find((entry) => entry.error);
    if (refused) throw refused.error!;
  }

  /**
   * Encodes the work into a compute pass of the caller's own.
   * @throws ArgumentError before `ready()`.
   */
  encode(pass: GPUComputePassEncoder): void {
    if (this.pipelines.some((entry) => !entry.pipeline)) {
      throw new ArgumentError('this graph is not compiled yet: await graph.ready() first');
    }
    this.encodeCompiled(pass);
  }

  /** @internal Leaves out what could not be compiled; the queue accounts for it. */
  encodeCompiled(pass: GPUComputePassEncoder): void {
    let current: GPUComputePipeline | undefined;
    for (const step of this.#steps) {
      const { pipeline } = step.pipeline;
      if (!pipeline) continue;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, step.bindGroup, step.offsets);
      pass.dispatchWorkgroups(step.workgroups[0], step.workgroups[1], step.workgroups[2]);
    }
  }

  /** Gives the graph's memory back. Tensors made by the captured function stay readable until they are disposed. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const storage of [...this.inputs, ...this.outputs]) storage.release();
    // Replays that are recorded but not yet submitted still need the parameters.
    void this.#host.dissolve(this.#arena).then(() => this.#params.destroy());
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
