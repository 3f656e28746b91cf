import type { TilewiseError } from '../errors.ts';
import type { TensorStorage } from '../tensor.ts';
import { BufferUsage } from './gpuFlags.ts';

/** What a storage holds after a certain write. It carries the error, if any, that spoiled the work behind it. */
export class Value {
  fault: TilewiseError | undefined;
}

/** A range of a GPU buffer that tensors share by counting references. */
export class GpuStorage implements TensorStorage {
  static #nextId = 0;
  /** Identifies buffer and range, so bind groups are cached by it. */
  readonly id = GpuStorage.#nextId++;
  /** What the storage holds once everything recorded so far has run. */
  value = new Value();
  /** Serial of the last batch that uses it. */
  lastBatch = -1;
  /** The captured graph whose replays write it, if any: then nobody else may use the memory. */
  arena: Arena | undefined;
  readonly #onUnused: (storage: GpuStorage) => void;
  #references = 0;

  /** Starts with no user: whoever makes or acquires it calls `retain()`. */
  constructor(
    readonly buffer: GPUBuffer,
    readonly byteOffset: number,
    readonly sizeBytes: number,
    onUnused: (storage: GpuStorage) => void,
  ) {
    this.#onUnused = onUnused;
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
  readonly free = new FreeLists();
}

/** Unused storages by size, the most recently used of a size first. */
class FreeLists {
  readonly #bySize = new Map<number, GpuStorage[]>();

  take(sizeBytes: number): GpuStorage | undefined {
    return this.#bySize.get(sizeBytes)?.pop();
  }

  put(storage: GpuStorage): void {
    const list = this.#bySize.get(storage.sizeBytes);
    if (list) list.push(storage);
    else this.#bySize.set(storage.sizeBytes, [storage]);
  }

  remove(storage: GpuStorage): void {
    const list = this.#bySize.get(storage.sizeBytes) ?? [];
    list.splice(list.indexOf(storage), 1);
  }
}

/** Unused memory kept for reuse; beyond it the longest unused is destroyed. */
const DEFAULT_KEEP_BYTES = 512 * 1024 * 1024;

/**
 * Hands out storage buffers and takes them back. A buffer may be handed out again while recorded work still uses
 * it: WebGPU runs work in order, so the new user comes after the old one.
 */
export class BufferPool {
  readonly #device: GPUDevice;
  readonly #keepBytes: number;
  readonly #free = new FreeLists();
  /** Unused storages, the longest unused first. */
  readonly #unused = new Set<GpuStorage>();
  readonly #buffers = new Set<GPUBuffer>();
  #unusedBytes = 0;
  #allocatedBytes = 0;
  #arena: Arena | undefined;

  constructor(device: GPUDevice, keepBytes = DEFAULT_KEEP_BYTES) {
    this.#device = device;
    this.#keepBytes = keepBytes;
  }

  /** Bytes of all buffers of the pool, used or not. */
  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  /** Bytes of the buffers that nobody uses at present. */
  get unusedBytes(): number {
    return this.#unusedBytes;
  }

  /** A storage of at least `sizeBytes`, with arbitrary content and one reference. */
  acquire(sizeBytes: number): GpuStorage {
    const size = sizeClass(sizeBytes);
    const storage = this.#arena?.free.take(size) ?? this.#takeUnused(size) ?? this.#create(size);
    storage.retain();
    storage.value = new Value();
    if (this.#arena && !storage.arena) {
      storage.arena = this.#arena;
      this.#arena.owned.add(storage);
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
      if (!storage.inUse) this.#putUnused(storage);
    }
    arena.owned.clear();
  }

  /**
   * Destroys the longest unused buffers beyond what is kept. Only to be called when no recorded work is left to
   * be submitted, since it might use them. Returns whether any was destroyed.
   */
  trim(keepBytes = this.#keepBytes): boolean {
    let destroyed = false;
    for (const storage of this.#unused) {
      if (this.#unusedBytes <= keepBytes) break;
      this.#unused.delete(storage);
      this.#free.remove(storage);
      this.#unusedBytes -= storage.sizeBytes;
      this.#allocatedBytes -= storage.sizeBytes;
      this.#buffers.delete(storage.buffer);
      storage.buffer.destroy();
      destroyed = true;
    }
    return destroyed;
  }

  /** Destroys every buffer, used or not. */
  destroy(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
  }

  #create(sizeBytes: number): GpuStorage {
    const buffer = this.#device.createBuffer({
      size: sizeBytes,
      usage: BufferUsage.storage | BufferUsage.copySrc | BufferUsage.copyDst,
    });
    this.#buffers.add(buffer);
    this.#allocatedBytes += sizeBytes;
    return new GpuStorage(buffer, 0, sizeBytes, (unused) => {
      if (unused.arena) unused.arena.free.put(unused);
      else this.#putUnused(unused);
    });
  }

  #takeUnused(sizeBytes: number): GpuStorage | undefined {
    const storage = this.#free.take(sizeBytes);
    if (storage) {
      this.#unused.delete(storage);
      this.#unusedBytes -= storage.sizeBytes;
    }
    return storage;
  }

  #putUnused(storage: GpuStorage): void {
    this.#free.put(storage);
    this.#unused.add(storage);
    this.#unusedBytes += storage.sizeBytes;
  }
}

/** Rounds up to an eighth of the next lower power of two, so that at most an eighth is wasted; 256 bytes at least. */
export function sizeClass(sizeBytes: number): number {
  if (sizeBytes <= 256) return 256;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(sizeBytes)) - 3);
  return Math.ceil(sizeBytes / step) * step;
}
