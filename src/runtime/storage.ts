// Memory of the GPU as tensors hold it: slots of buffers, counted by their users.
import type { OutOfMemoryError, TilewiseError } from '../errors.ts';
import type { TensorStorage } from '../tensor.ts';

/** What a storage holds after a certain write. It carries the error, if any, that spoiled the work behind it. */
export class Value {
  fault: TilewiseError | undefined;
}

/** A GPU buffer cut into slots of one size; a large tensor has a buffer with one slot. */
export class Slab {
  static #nextId = 0;
  /** Identifies buffer and slot size, by which bind groups are cached. */
  readonly id = Slab.#nextId++;
  readonly free: GpuStorage[] = [];
  slotCount = 1;
  /** Code outside has the buffer too, and may have wrapped it again. */
  shared = false;
  /** Why the GPU did not give the memory. */
  fault: OutOfMemoryError | undefined;

  constructor(
    readonly buffer: GPUBuffer,
    readonly slotBytes: number,
  ) {}
}

/** One slot of a slab, which tensors share by counting references. */
export class GpuStorage implements TensorStorage {
  /** What the storage holds once everything recorded so far has run. */
  value = new Value();
  /** Serial of the last batch that uses it. */
  lastBatch = -1;
  /** Number of slots that the pool had taken back when it took this one; 0 before. */
  freedAt = 0;
  /** The captured graph whose replays write it, if any: then nobody else may use the memory. */
  arena: Arena | undefined;
  readonly #onUnused: (storage: GpuStorage) => void;
  #references = 0;

  /** Starts with no user: whoever makes or acquires it calls `retain()`. */
  constructor(
    readonly slab: Slab,
    readonly byteOffset: number,
    onUnused: (storage: GpuStorage) => void,
  ) {
    this.#onUnused = onUnused;
  }

  get buffer(): GPUBuffer {
    return this.slab.buffer;
  }

  get inUse(): boolean {
    return this.#references > 0;
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references === 0) this.#onUnused(this);
  }
}

/** Storages that belong to a captured graph: reused within the capture, kept from everyone else while it lives. */
export class Arena {
  readonly owned = new Set<GpuStorage>();
  readonly free: GpuStorage[] = [];
}
