import type { Slab } from './storage.ts';
import { PARAMS_SLOT_BYTES, type Dispatch, type Run } from './dispatch.ts';
import type { BindingLayout } from './pipelineCache.ts';

/** Bind groups kept before the cache starts over; enough for every layer of a large model. */
const MAX_BIND_GROUPS = 8192;

/** What a binding of a dispatch is: some bytes of a buffer, from an offset that is not given with each dispatch. */
interface Bound {
  readonly slab: Slab;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Makes bind groups. Those over the command queue's parameters are kept: a graph's live as long as the graph. */
export class BindGroups {
  readonly #device: GPUDevice;
  readonly #queueParams: GPUBuffer;
  readonly #kept = new Map<string, GPUBindGroup>();

  constructor(device: GPUDevice, queueParams: GPUBuffer) {
    this.#device = device;
    this.#queueParams = queueParams;
  }

  /** The dispatches of a run over a uniform buffer, the command queue's unless given; their first dynamic offsets are still open. */
  bind({ plan, operands }: Run, params = this.#queueParams): Dispatch[] {
    return plan.passes.map((pass) => {
      const { layout } = pass.pipeline;
      const offsets = [0];
      const bound = pass.bindings.map(({ role, index, window }): Bound => {
        const { slab, byteOffset } = operands[role][index]!;
        const offset = byteOffset + (window?.byteOffset ?? 0);
        if (layout.dynamicOffsets) offsets.push(offset);
        return {
          slab,
          offset: layout.dynamicOffsets ? 0 : offset,
          sizeBytes: window?.sizeBytes ?? slab.slotBytes,
        };
      });
      const bindGroup =
        params === this.#queueParams ? this.#keep(layout, bound) : this.#create(layout, params, bound);
      return { pass, bindGroup, offsets };
    });
  }

  /** Forgets all, when buffers that they name have been destroyed. */
  clear(): void {
    this.#kept.clear();
  }

  #keep(layout: BindingLayout, bound: readonly Bound[]): GPUBindGroup {
    let key = `${layout.id}`;
    for (const { slab, offset, sizeBytes } of bound) {
      key += `,${slab.id}`;
      if (offset > 0) key += `+${offset}`;
      if (sizeBytes !== slab.slotBytes) key += `:${sizeBytes}`;
    }
    const existing = this.#kept.get(key);
    if (existing) return existing;
    if (this.#kept.size >= MAX_BIND_GROUPS) this.#kept.clear();
    const group = this.#create(layout, this.#queueParams, bound);
    this.#kept.set(key, group);
    return group;
  }

  #create(layout: BindingLayout, params: GPUBuffer, bound: readonly Bound[]): GPUBindGroup {
    return this.#device.createBindGroup({
      layout: layout.bindGroup,
      entries: [
        { binding: 0, resource: { buffer: params, size: PARAMS_SLOT_BYTES } },
        ...bound.map(({ slab, offset, sizeBytes }, index) => ({
          binding: layout.numbers[index]!,
          resource: { buffer: slab.buffer, offset, size: sizeBytes },
        })),
      ],
    });
  }
}
