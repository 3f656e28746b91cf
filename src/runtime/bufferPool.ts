import { OutOfMemoryError } from '../errors.ts';
import { BufferUsage } from './gpuFlags.ts';
import { Arena, GpuStorage, Slab, Value } from './storage.ts';

/** Unused memory kept for reuse; beyond it the slabs that have been unused longest are destroyed. */
const DEFAULT_KEEP_BYTES = 512 * 1024 * 1024;

/**
 * Tensors up to this size share a buffer with others: making a buffer and a bind group for each would cost more
 * than recording the operation.
 */
const SHARED_SLOT_BYTES = 64 * 1024;
const SHARED_SLAB_BYTES = 512 * 1024;

/**
 * Hands out storage and takes it back. Memory may be handed out again while recorded work still uses it: WebGPU runs
 * work in order, so the new user comes after the old one.
 */
export class BufferPool {
  readonly #device: GPUDevice;
  /** The most that a storage may have without its rounding up: a larger binding is refused. */
  readonly #maxSlotBytes: number;
  readonly #keepBytes: number;
  readonly #slabs = new Set<Slab>();
  /** Slabs with free slots, by slot size. */
  readonly #available = new Map<number, Slab[]>();
  /** Slabs without any user, the one unused longest first. */
  readonly #idle = new Set<Slab>();
  #idleBytes = 0;
  /** Slots taken back so far. */
  #freedCount = 0;
  #allocatedBytes = 0;
  #allocationsChecked: Promise<void> = Promise.resolve();
  #arena: Arena | undefined;

  constructor(device: GPUDevice, keepBytes = DEFAULT_KEEP_BYTES) {
    this.#device = device;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    this.#maxSlotBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.#keepBytes = keepBytes;
  }

  /** Bytes of all buffers of the pool, used or not. */
  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  /** Bytes of the buffers that nobody uses at present. */
  get unusedBytes(): number {
    return this.#idleBytes;
  }

  /** Resolves once it is known of every buffer made so far whether the GPU had the memory. */
  get allocationsChecked(): Promise<void> {
    return this.#allocationsChecked;
  }

  /**
   * A storage of at least `sizeBytes`, with arbitrary content and one reference, in none of the buffers of `apartFrom`:
   * WebGPU forbids a dispatch that reads a buffer to write to it, even elsewhere.
   */
  acquire(sizeBytes: number, apartFrom: readonly GpuStorage[] = []): GpuStorage {
    const slotBytes = this.#slotSize(sizeBytes);
    const reused = this.#arena && takeFrom(this.#arena.free, slotBytes, apartFrom);
    return this.#handOut(reused ?? this.#takeSlot(slotBytes, apartFrom) ?? this.#addSlab(slotBytes));
  }

  /**
   * The same, but never memory that the arena has had before: the graph's earlier steps write there in every replay, and
   * what the host writes once has to outlast them. Of what is free it is what has been so longest: recorded work that is still to
   * be submitted is least likely to use it, and would have to be submitted before the host writes.
   */
  acquireForHost(sizeBytes: number): GpuStorage {
    const slotBytes = this.#slotSize(sizeBytes);
    return this.#handOut(this.#takeLongestFree(slotBytes) ?? this.#addSlab(slotBytes));
  }

  /** The same, in memory that nobody has had before, for an arena if one is given. */
  acquireNew(sizeBytes: number, arena?: Arena): GpuStorage {
    return this.#handOut(this.#addSlab(this.#slotSize(sizeBytes)), arena);
  }

  #handOut(storage: GpuStorage, arena = this.#arena): GpuStorage {
    storage.retain();
    storage.value = new Value();
    if (arena && !storage.arena) {
      storage.arena = arena;
      arena.owned.add(storage);
    }
    return storage;
  }

  /** From now on what is acquired belongs to the arena returned, until `leaveArena()`. */
  enterArena(): Arena {
    this.#arena = new Arena();
    return this.#arena;
  }

  leaveArena(): void {
    this.#arena = undefined;
  }

  /** Gives an arena's memory back; storages still in use follow when they are released. */
  dissolve(arena: Arena): void {
    for (const storage of arena.owned) {
      storage.arena = undefined;
      if (!storage.inUse) this.#putSlot(storage);
    }
    arena.owned.clear();
  }

  /**
   * Destroys the slabs unused longest beyond what is kept. Only to be called when no recorded work is left to be
   * submitted, since it might use them. Returns whether any was destroyed.
   */
  trim(): boolean {
    let destroyed = false;
    for (const slab of this.#idle) {
      if (this.#idleBytes <= this.#keepBytes) break;
      this.#forget(slab);
      slab.buffer.destroy();
      destroyed = true;
    }
    return destroyed;
  }

  /** Destroys every buffer, used or not. */
  destroy(): void {
    for (const slab of this.#slabs) slab.buffer.destroy();
    this.#slabs.clear();
  }

  #slotSize(sizeBytes: number): number {
    return Math.max(sizeBytes, Math.min(slotSize(sizeBytes), this.#maxSlotBytes));
  }

  #takeSlot(slotBytes: number, apartFrom: readonly GpuStorage[]): GpuStorage | undefined {
    const available = this.#available.get(slotBytes);
    if (!available) return undefined;
    for (let i = available.length - 1; i >= 0; i--) {
      const slab = available[i]!;
      if (apartFrom.some((storage) => storage.buffer === slab.buffer)) continue;
      this.#leaveIdle(slab);
      const storage = slab.free.pop()!;
      if (slab.free.length === 0) available.splice(i, 1);
      return storage;
    }
    return undefined;
  }

  #takeLongestFree(slotBytes: number): GpuStorage | undefined {
    const available = this.#available.get(slotBytes);
    let slab = available?.[0];
    if (!available || !slab) return undefined;
    // The first of each has been free longer than the others of its slab.
    for (const other of available) if (other.free[0]!.freedAt < slab.free[0]!.freedAt) slab = other;
    this.#leaveIdle(slab);
    const storage = slab.free.shift()!;
    if (slab.free.length === 0) available.splice(available.indexOf(slab), 1);
    return storage;
  }

  #putSlot(storage: GpuStorage): void {
    const { slab } = storage;
    // Memory that the GPU did not give must not be handed out again: it may have some by then.
    if (slab.fault) return;
    storage.freedAt = ++this.#freedCount;
    slab.free.push(storage);
    if (slab.free.length === 1) this.#availableOf(slab.slotBytes).push(slab);
    if (slab.free.length === slab.slotCount) {
      this.#idle.add(slab);
      this.#idleBytes += slab.buffer.size;
    }
  }

  #addSlab(slotBytes: number): GpuStorage {
    const slotCount = slotBytes <= SHARED_SLOT_BYTES ? SHARED_SLAB_BYTES / slotBytes : 1;
    const size = slotCount * slotBytes;
    this.#device.pushErrorScope('out-of-memory');
    const buffer = this.#device.createBuffer({
      size,
      usage: BufferUsage.storage | BufferUsage.copySrc | BufferUsage.copyDst,
    });
    this.#allocatedBytes += size;
    const slab = new Slab(buffer, slotBytes);
    slab.slotCount = slotCount;
    const checked = this.#device.popErrorScope().then(
      (error) => {
        if (!error) return;
        slab.fault = new OutOfMemoryError(
          `the GPU had no ${size} bytes for a tensor; the pool holds ${this.#allocatedBytes} bytes`,
          { sizeBytes: size, allocatedBytes: this.#allocatedBytes, message: error.message },
        );
        this.#forget(slab);
      },
      // A lost device: whoever reads learns of the loss itself.
      () => undefined,
    );
    this.#allocationsChecked = this.#allocationsChecked.then(() => checked);
    this.#slabs.add(slab);
    const onUnused = (unused: GpuStorage): void => {
      if (unused.arena) unused.arena.free.push(unused);
      else this.#putSlot(unused);
    };
    for (let slot = slotCount - 1; slot > 0; slot--)
      slab.free.push(new GpuStorage(slab, slot * slotBytes, onUnused));
    if (slab.free.length > 0) this.#availableOf(slotBytes).push(slab);
    return new GpuStorage(slab, 0, onUnused);
  }

  #forget(slab: Slab): void {
    this.#leaveIdle(slab);
    const available = this.#availableOf(slab.slotBytes);
    const index = available.indexOf(slab);
    if (index >= 0) available.splice(index, 1);
    this.#slabs.delete(slab);
    this.#allocatedBytes -= slab.buffer.size;
  }

  #availableOf(slotBytes: number): Slab[] {
    let available = this.#available.get(slotBytes);
    if (!available) this.#available.set(slotBytes, (available = []));
    return available;
  }

  #leaveIdle(slab: Slab): void {
    if (this.#idle.delete(slab)) this.#idleBytes -= slab.buffer.size;
  }
}

function takeFrom(
  free: GpuStorage[],
  slotBytes: number,
  apartFrom: readonly GpuStorage[],
): GpuStorage | undefined {
  const index = free.findLastIndex(
    (candidate) =>
      candidate.slab.slotBytes === slotBytes &&
      !apartFrom.some((storage) => storage.buffer === candidate.buffer),
  );
  return index < 0 ? undefined : free.splice(index, 1)[0];
}

/**
 * Sizes that are shared are powers of two, so that few slabs serve all; others are rounded up to an eighth of the next
 * lower power of two, which wastes an eighth at most. Every slot starts at a multiple of 256, as bindings demand.
 */
function slotSize(sizeBytes: number): number {
  if (sizeBytes <= 256) return 256;
  if (sizeBytes <= SHARED_SLOT_BYTES) return 2 ** Math.ceil(Math.log2(sizeBytes));
  const step = 2 ** (Math.floor(Math.log2(sizeBytes)) - 3);
  return Math.ceil(sizeBytes / step) * step;
}
