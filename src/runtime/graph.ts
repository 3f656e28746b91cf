import { ArgumentError } from '../errors.ts';
import { checkPass, checkRepeats } from './checks.ts';
import type { Arena, GpuStorage } from './storage.ts';
import { isRefused, PARAMS_SLOT_BYTES, type Dispatch, type Run } from './dispatch.ts';
import { BufferUsage } from './gpuFlags.ts';
import type { PipelineEntry } from './pipelineCache.ts';

const NONE: readonly PipelineEntry[] = [];

/** What a graph needs of the device that captured it. */
export interface GraphHost {
  replay(graph: Graph, repeats: number): void;
  /** Whether something that is still to be submitted reads or writes the storage. */
  isAwaited(storage: GpuStorage): boolean;
  /** Gives an arena's memory back; resolves once everything recorded so far has been submitted. */
  dissolve(arena: Arena): Promise<void>;
  /** Makes the bind groups of a run over a uniform buffer, and the dynamic offsets with the first still open. */
  bind(run: Run, params: GPUBuffer): readonly Dispatch[];
  /** The same operands under the plan of another kernel, for one that was refused, with scratch memory of the arena. */
  replacement(run: Run, arena: Arena): Run | undefined;
}

/** What a captured function has recorded. */
export class Recording {
  readonly runs: Run[] = [];
  /** Storages whose content from before a replay matters: read before the graph writes them, or written in part. */
  readonly inputs = new Set<GpuStorage>();
  readonly outputs = new Set<GpuStorage>();

  constructor(readonly arena: Arena) {}

  add(run: Run): void {
    this.runs.push(run);
    const { input, output, scratch } = run.operands;
    for (const storage of input) if (!this.outputs.has(storage)) this.#keep(storage);
    for (const storage of output) {
      if (storage.arena !== this.arena) this.#keep(storage);
      this.outputs.add(storage);
    }
    for (const storage of scratch) this.outputs.add(storage);
  }

  /**
   * At once: if the function disposed of it, a later step would get its memory, and the next replay read what that step
   * left there.
   */
  #keep(storage: GpuStorage): void {
    if (this.inputs.has(storage)) return;
    storage.retain();
    this.inputs.add(storage);
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
  /** What the captured function returned; its tensors are disposed by who captured it, as any. */
  readonly result: T;
  /** Storages whose content from before a replay it reads. */
  readonly inputs: readonly GpuStorage[];
  /** Storages written. */
  readonly outputs: readonly GpuStorage[];
  readonly #device: GPUDevice;
  readonly #host: GraphHost;
  readonly #arena: Arena;
  readonly #runs: Run[];
  #steps: readonly Dispatch[] = [];
  #params: GPUBuffer;
  /** Of the steps, each once. */
  #pipelines: readonly PipelineEntry[] = [];
  #compiled = false;
  #disposed = false;

  /** @internal Made by `device.capture()`. */
  constructor(device: GPUDevice, host: GraphHost, { runs, inputs, outputs, arena }: Recording, result: T) {
    this.result = result;
    this.#device = device;
    this.#host = host;
    this.#arena = arena;
    this.#runs = runs;
    this.#params = this.#build();
    // The recording has retained the inputs.
    this.inputs = [...inputs];
    this.outputs = [...outputs];
    for (const storage of this.outputs) {
      storage.retain();
      // What was there before has content already.
      if (storage.arena !== arena) continue;
      storage.value.fault = new ArgumentError(
        'this tensor is made by a graph that has not run: replay it first',
      );
    }
  }

  /** Binds all steps, to a uniform buffer that is returned. */
  #build(): GPUBuffer {
    const count = this.#runs.reduce((sum, { plan }) => sum + plan.passes.length, 0);
    const params = this.#device.createBuffer({
      label: 'graph params',
      size: Math.max(1, count) * PARAMS_SLOT_BYTES,
      usage: BufferUsage.uniform | BufferUsage.copyDst,
    });
    const bytes = new Uint8Array(count * PARAMS_SLOT_BYTES);
    this.#steps = this.#runs.flatMap((run) => this.#host.bind(run, params));
    for (const [index, { pass, offsets }] of this.#steps.entries()) {
      bytes.set(pass.params, index * PARAMS_SLOT_BYTES);
      offsets[0] = index * PARAMS_SLOT_BYTES;
    }
    this.#device.queue.writeBuffer(params, 0, bytes);
    this.#pipelines = [...new Set(this.#steps.map(({ pass }) => pass.pipeline))];
    return params;
  }

  /** @internal */
  get pipelines(): readonly PipelineEntry[] {
    return this.#pipelines;
  }

  /** @internal Pipelines that are being compiled or were refused. */
  get unready(): readonly PipelineEntry[] {
    this.#compiled ||= this.#pipelines.every(({ pipeline }) => pipeline);
    return this.#compiled ? NONE : this.#pipelines.filter(({ pipeline }) => !pipeline);
  }

  /** @internal Puts the next kernel in the place of each that the adapter has refused; tells whether there was any. */
  replaceRefused(): boolean {
    let replaced = false;
    for (const [index, run] of this.#runs.entries()) {
      const other = isRefused(run.plan) ? this.#host.replacement(run, this.#arena) : undefined;
      if (!other) continue;
      this.#runs[index] = other;
      replaced = true;
    }
    if (!replaced) return false;
    // No replay has been encoded yet: until now it would have had to leave something out.
    this.#params.destroy();
    this.#params = this.#build();
    return true;
  }

  /** Number of dispatches of one replay. */
  get dispatchCount(): number {
    return this.#steps.length;
  }

  /** Records the work once more; results are to be read from the tensors that the captured function made. */
  replay(repeats = 1): void {
    this.#expectAlive();
    checkRepeats(repeats);
    this.#host.replay(this, repeats);
  }

  /**
   * Resolves when every pipeline has been compiled.
   * @throws ShaderCompileError if one was refused.
   */
  async ready(): Promise<void> {
    do await Promise.all(this.#pipelines.map((entry) => entry.settled));
    while (this.replaceRefused());
    const refused = this.#pipelines.find((entry) => entry.error);
    if (refused) throw refused.error!;
  }

  /**
   * Encodes the work into a compute pass of the caller's own.
   * @throws ArgumentError before `ready()`, after `dispose()`, and while what was recorded before it on the same tensors is still to be submitted.
   */
  encode(pass: GPUComputePassEncoder): void {
    this.#expectAlive();
    if (this.unready.length > 0) {
      throw new ArgumentError('this graph is not compiled yet: await graph.ready() first');
    }
    checkPass(pass);
    if ([...this.inputs, ...this.outputs].some((storage) => this.#host.isAwaited(storage))) {
      throw new ArgumentError(
        'work recorded before this graph is still to be submitted: call device.flush() first, or await device.finished() ' +
          'where shaders of that work may still be being compiled',
      );
    }
    this.encodeCompiled(pass);
  }

  /** @internal Leaves out what could not be compiled; the queue accounts for it. */
  encodeCompiled(pass: GPUComputePassEncoder): void {
    let current: GPUComputePipeline | undefined;
    for (const step of this.#steps) {
      const { workgroups, pipeline: entry } = step.pass;
      const { pipeline } = entry;
      if (!pipeline) continue;
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, step.bindGroup, step.offsets);
      pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
    }
  }

  #expectAlive(): void {
    if (this.#disposed) throw new ArgumentError('this graph has been disposed');
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
