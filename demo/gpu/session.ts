import { openDevice, type GpuDevice } from 'tilewise';
import { messageOf } from '../text.ts';
import { inspectTimer, type Timer } from './timer.ts';

/** The adapter, as far as the page knows it. */
export type Gpu =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly device: GpuDevice; readonly timer: Timer }
  /** There is none: the CPU path stands in. */
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'lost'; readonly message: string };

/** The visitor's GPU: one device for all views, opened again when it was lost. */
export class GpuSession {
  #gpu: Gpu = { kind: 'opening' };
  #device: GpuDevice | undefined;
  readonly #listeners = new Set<(gpu: Gpu) => void>();

  get gpu(): Gpu {
    return this.#gpu;
  }

  /** Calls `listener` now and at every change. Returns what ends it. */
  subscribe(listener: (gpu: Gpu) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#gpu);
    return () => this.#listeners.delete(listener);
  }

  /** Looks for a GPU, and opens it anew where it is open; never rejects. */
  async open(): Promise<void> {
    const before = this.#device;
    this.#device = undefined;
    this.#set({ kind: 'opening' });
    before?.destroy();
    try {
      const device = await openDevice();
      if (device.backend !== 'webgpu') throw new Error('there is no WebGPU device');
      this.#device = device;
      void device.lost.then(({ message }) => {
        // Not one that made room for another.
        if (this.#device === device) this.#set({ kind: 'lost', message });
      });
      const timer = await inspectTimer(device);
      // A device may be lost while its clock is being looked at.
      if (this.#gpu.kind === 'opening') this.#set({ kind: 'open', device, timer });
    } catch (error) {
      if (this.#gpu.kind === 'opening') this.#set({ kind: 'missing', message: messageOf(error) });
    }
  }

  #set(gpu: Gpu): void {
    this.#gpu = gpu;
    for (const listener of this.#listeners) listener(gpu);
  }
}
