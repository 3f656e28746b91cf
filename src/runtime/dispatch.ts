import type { GpuStorage } from './bufferPool.ts';
import type { PipelineEntry } from './pipelineCache.ts';
import type { Workgroups } from './plan.ts';

/** Bytes of a dispatch's uniform block; a multiple of every adapter's offset alignment (at most 256). */
export const PARAMS_SLOT_BYTES = 256;

/** What a dispatch runs, wherever its bind group and parameters lie. */
export interface DispatchSource {
  readonly label: string;
  readonly pipeline: PipelineEntry;
  readonly params: Uint8Array<ArrayBuffer>;
  readonly workgroups: Workgroups;
  /** Storages by binding, from binding 1 on. */
  readonly bound: readonly GpuStorage[];
  readonly reads: readonly GpuStorage[];
  readonly writes: readonly GpuStorage[];
}

/** One dispatch, ready to be encoded as soon as its pipeline is. */
export interface Dispatch extends DispatchSource {
  readonly bindGroup: GPUBindGroup;
  /** Dynamic offsets: of the parameters first, which the queue fills in, then of the storages. */
  readonly offsets: number[];
}
