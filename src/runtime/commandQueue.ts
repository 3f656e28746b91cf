import { Batch, type BatchTiming, type BoundRun } from './batch.ts';
import { Value, type GpuStorage } from './storage.ts';
import { isRefused, PARAMS_SLOT_BYTES, type Run } from './dispatch.ts';
import type { Graph } from './graph.ts';
import { BufferUsage } from './gpuFlags.ts';

/**
 * Dispatches recorded before a batch is submitted by itself: enough to make submission cheap, few enough that the
 * GPU starts early and that no batch runs into a driver's watchdog.
 */
const BATCH_DISPATCHES = 256;

/** Bytes of recorded uploads that the host holds before it submits them. */
const BATCH_UPLOAD_BYTES = 32 * 1024 * 1024;

/** What the queue asks of the device that it works for. */
export interface QueueHooks {
  /** Everything recorded has been submitted. */
  onIdle(): void;
  /** Resolves once it is known of all memory handed out so far whether the GPU had it. */
  allocationsChecked(): Promise<void>;
  /** Binds the plan of another kernel to the same operands, for one that the adapter has refused; undefined if there is none. */
  replace(run: Run): BoundRun | undefined;
}

/**
 * Records commands, and submits them in order, in batches. A batch whose pipelines are still being compiled waits,
 * and so do those behind it; recording never does.
 */
export class CommandQueue {
  readonly #device: GPUDevice;
  readonly #params: GPUBuffer;
  readonly #staging = new Uint8Array(BATCH_DISPATCHES * PARAMS_SLOT_BYTES);
  readonly #hooks: QueueHooks;
  #timing: BatchTiming | undefined;
  #timed: Batch[] = [];
  #recording: Batch;
  #waiting: Batch[] = [];
  #pumping = false;
  #encodedSerial = -1;
  #lastChecked: Promise<void> = Promise.resolve();

  constructor(device: GPUDevice, hooks: QueueHooks) {
    this.#device = device;
    this.#hooks = hooks;
    this.#params = device.createBuffer({
      label: 'params',
      size: BATCH_DISPATCHES * PARAMS_SLOT_BYTES,
      usage: BufferUsage.uniform | BufferUsage.copyDst,
    });
    this.#recording = new Batch(0, undefined);
  }

  /** The uniform buffer that the bind groups of recorded dispatches name. */
  get paramsBuffer(): GPUBuffer {
    return this.#params;
  }

  run(bound: BoundRun): void {
    const { input, output, scratch } = bound.run.operands;
    const reads: Value[] = [];
    for (const storage of input) reads.push(this.#use(storage));
    // A kernel may write to a part only, and leave the rest as it was.
    for (const storage of output) reads.push(storage.value);
    for (const storage of scratch) this.#use(storage);
    const writes: Value[] = [];
    for (const storage of output) writes.push(this.#overwrite(storage));
    const batch = this.#recording;
    for (const { pass } of bound.dispatches) if (!pass.pipeline.pipeline) batch.unready.add(pass.pipeline);
    batch.commands.push({ kind: 'run', bound, reads, writes });
    batch.dispatchCount += bound.dispatches.length;
    if (batch.dispatchCount >= BATCH_DISPATCHES) this.flush();
  }

  replay(graph: Graph, repeats: number): void {
    const reads = graph.inputs.map((storage) => this.#use(storage));
    const writes = graph.outputs.map((storage) => this.#overwrite(storage));
    for (const pipeline of graph.unready) this.#recording.unready.add(pipeline);
    this.#recording.commands.push({ kind: 'replay', graph, repeats, reads, writes });
    this.#recording.replayedCount += graph.dispatchCount * repeats;
    if (this.#recording.replayedCount >= BATCH_DISPATCHES) this.flush();
  }

  /** Replaces a storage's content from `byteOffset` on, in order with what is recorded. Takes over `bytes`. */
  write(storage: GpuStorage, bytes: Uint8Array<ArrayBuffer>, byteOffset = 0): void {
    if (bytes.byteLength === 0) return;
    storage.value = new Value();
    if (!this.isAwaited(storage)) {
      // The queue's own order suffices.
      this.#device.queue.writeBuffer(storage.buffer, storage.byteOffset + byteOffset, bytes);
    } else {
      this.#use(storage);
      this.#recording.commands.push({ kind: 'write', storage, bytes, byteOffset });
      this.#recording.uploadBytes += bytes.byteLength;
      if (this.#recording.uploadBytes >= BATCH_UPLOAD_BYTES) this.flush();
    }
  }

  /** Copies the beginning of a storage; the batch returned is the one to wait for, `value` tells whether it is good. */
  copyOut(source: GpuStorage, destination: GPUBuffer, sizeBytes: number): { batch: Batch; value: Value } {
    const value = this.#use(source);
    this.#recording.commands.push({ kind: 'copy', source, value, destination, sizeBytes });
    return { batch: this.flush(), value };
  }

  /** Submits what `fn` records, and nothing else, in timed batches, and returns them. */
  timed(timing: BatchTiming | undefined, fn: () => void): readonly Batch[] {
    this.#timing = timing;
    this.flush();
    this.#timed = [];
    try {
      fn();
    } finally {
      this.#timing = undefined;
      this.flush();
    }
    return this.#timed;
  }

  /** Submits everything recorded so far as soon as its pipelines are compiled; returns the last batch. */
  flush(): Batch {
    const batch = this.#recording;
    if (batch.timing) this.#timed.push(batch);
    this.#recording = new Batch(batch.serial + 1, this.#timing);
    this.#waiting.push(batch);
    this.#pump();
    return batch;
  }

  /** Resolves once everything recorded so far has been submitted and checked. */
  async submitted(): Promise<void> {
    await this.flush().checked;
  }

  destroy(): void {
    this.#params.destroy();
  }

  /** Whether something that is still to be submitted reads or writes the storage. */
  isAwaited(storage: GpuStorage): boolean {
    // A buffer that others know may be in use under another name.
    const lastUse = storage.slab.shared ? this.#lastSerial : storage.lastBatch;
    return lastUse > this.#encodedSerial;
  }

  /** Serial of the last batch with anything in it. */
  get #lastSerial(): number {
    return this.#recording.commands.length > 0 ? this.#recording.serial : this.#recording.serial - 1;
  }

  #use(storage: GpuStorage): Value {
    storage.lastBatch = this.#recording.serial;
    return storage.value;
  }

  #overwrite(storage: GpuStorage): Value {
    storage.lastBatch = this.#recording.serial;
    storage.value = new Value();
    return storage.value;
  }

  #pump(): void {
    if (this.#pumping) return;
    for (let batch = this.#waiting[0]; batch; batch = this.#waiting[0]) {
      const compiling = [...batch.unready].filter((entry) => !entry.pipeline && !entry.error);
      if (compiling.length > 0) {
        this.#pumping = true;
        void Promise.all(compiling.map((entry) => entry.settled)).then(() => {
          this.#pumping = false;
          this.#pump();
        });
        return;
      }
      // What replaces them may still have to be compiled.
      if (batch.unready.size > 0 && this.#replaceRefused(batch)) continue;
      this.#waiting.shift();
      this.#submit(batch);
    }
    if (this.#recording.commands.length === 0) this.#hooks.onIdle();
  }

  /** Puts the next kernel in the place of each that the adapter has refused; tells whether there was any. */
  #replaceRefused(batch: Batch): boolean {
    let replaced = false;
    for (const command of batch.commands) {
      if (command.kind === 'run' && isRefused(command.bound.run.plan)) {
        const bound = this.#hooks.replace(command.bound.run);
        if (!bound) continue;
        command.bound = bound;
        for (const storage of bound.run.operands.scratch) storage.lastBatch = this.#recording.serial;
        for (const { pass } of bound.dispatches)
          if (!pass.pipeline.pipeline) batch.unready.add(pass.pipeline);
        replaced = true;
      } else if (command.kind === 'replay' && command.graph.replaceRefused()) {
        for (const pipeline of command.graph.unready) batch.unready.add(pipeline);
        replaced = true;
      }
    }
    return replaced;
  }

  #submit(batch: Batch): void {
    this.#encodedSerial = batch.serial;
    if (batch.commands.length === 0) {
      batch.settle(this.#lastChecked);
      return;
    }
    for (const filter of ['internal', 'out-of-memory', 'validation'] as const)
      this.#device.pushErrorScope(filter);
    this.#encode(batch);
    const scopes = [0, 1, 2].map(() => this.#device.popErrorScope());
    const previous = this.#lastChecked;
    const allocations = this.#hooks.allocationsChecked();
    const checked = (async () => {
      // A lost device rejects here; the reader meets the loss itself when it maps its copy.
      const errors = await Promise.all(scopes.map((scope) => scope.catch(() => null)));
      await previous;
      await allocations;
      batch.assignFaults(errors.find((error) => error !== null));
    })();
    this.#lastChecked = checked;
    batch.settle(checked);
  }

  #encode(batch: Batch): void {
    const { queue } = this.#device;
    batch.timestamps = batch.timing?.record(batch.dispatchCount + batch.commands.length);
    let encoder = this.#device.createCommandEncoder();
    let pass: GPUComputePassEncoder | undefined;
    let current: GPUComputePipeline | undefined;
    /** Uniform blocks in use since the last submission. */
    let slots = 0;
    const openPass = (label: string): GPUComputePassEncoder => {
      if (!pass && batch.timestamps) batch.passLabels.push(label);
      pass ??= encoder.beginComputePass(
        batch.timestamps ? { timestampWrites: batch.timestamps.nextPass() } : undefined,
      );
      return pass;
    };
    const closePass = (): void => {
      pass?.end();
      pass = undefined;
      current = undefined;
    };
    const submit = (): void => {
      if (slots > 0) queue.writeBuffer(this.#params, 0, this.#staging, 0, slots * PARAMS_SLOT_BYTES);
      queue.submit([encoder.finish()]);
      slots = 0;
    };
    /** Submits what there is: what follows must not take effect before it. */
    const split = (): void => {
      closePass();
      submit();
      encoder = this.#device.createCommandEncoder();
    };
    for (const command of batch.commands) {
      switch (command.kind) {
        case 'run':
          for (const { pass: step, bindGroup, offsets } of command.bound.dispatches) {
            const { pipeline } = step.pipeline;
            if (!pipeline) continue;
            if (slots === BATCH_DISPATCHES) split();
            this.#staging.set(step.params, slots * PARAMS_SLOT_BYTES);
            offsets[0] = slots++ * PARAMS_SLOT_BYTES;
            const open = openPass(step.label);
            if (pipeline !== current) open.setPipeline(pipeline);
            current = pipeline;
            open.setBindGroup(0, bindGroup, offsets);
            open.dispatchWorkgroups(step.workgroups[0], step.workgroups[1], step.workgroups[2]);
            if (batch.timing?.passes === 'perDispatch') closePass();
          }
          break;
        case 'replay': {
          const open = openPass('graph');
          for (let i = 0; i < command.repeats; i++) command.graph.encodeCompiled(open);
          // The graph has set pipelines of its own.
          current = undefined;
          if (batch.timing?.passes === 'perDispatch') closePass();
          break;
        }
        case 'copy': {
          closePass();
          const { source, destination, sizeBytes } = command;
          encoder.copyBufferToBuffer(source.buffer, source.byteOffset, destination, 0, sizeBytes);
          break;
        }
        case 'write':
          // A write takes effect between submissions, so what comes before it has to be submitted first.
          split();
          queue.writeBuffer(
            command.storage.buffer,
            command.storage.byteOffset + command.byteOffset,
            command.bytes,
          );
      }
    }
    closePass();
    batch.timestamps?.resolve(encoder);
    submit();
  }
}
