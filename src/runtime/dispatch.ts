import type { GpuStorage } from './bufferPool.ts';
import type { PipelineEntry } from './pipelineCache.ts';
import type { Workgroups } from './plan.ts';

/** Bytes of a dispatch's uniform block; a multiple of every adapter's offset alignment (at most 256). */
export const PARAMS_SLOT_BYTES = 256;

/** One dispatch, ready to be encoded as soon as its pipeline is. */
export interface Dispatch {
  readonly label: string;
  readonly pipeline: PipelineEntry;
  readonly bindGroup: GPUBindGroup;
  readonly params: Uint8Array<ArrayBuffer>;
  readonly workgroups: Workgroups;
  readonly reads: readonly GpuStorage[];
  readonly writes: readonly GpuStorage[];
}

/** A dispatch while a graph is being captured: the bind group is made once the graph's uniform buffer exists. */
export interface CapturedDispatch extends Omit<Dispatch, 'bindGroup'> {
  bindGroup(params: GPUBuffer): GPUBindGroup;
}
