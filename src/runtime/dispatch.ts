import type { GpuStorage } from './storage.ts';
import type { PipelineEntry } from './pipelineCache.ts';
import type { Binding, Workgroups } from './plan.ts';

/** Bytes of a dispatch's uniform block; a multiple of every adapter's offset alignment (at most 256). */
export const PARAMS_SLOT_BYTES = 256;

/** One dispatch of a plan, wherever its operands and parameters lie. */
export interface PreparedPass {
  readonly label: string;
  readonly pipeline: PipelineEntry;
  readonly params: Uint8Array<ArrayBuffer>;
  readonly bindings: readonly Binding[];
  readonly workgroups: Workgroups;
}

/** A plan whose shaders are compiled or being compiled on a device, to be run any number of times. */
export interface PreparedPlan {
  readonly passes: readonly PreparedPass[];
  readonly scratchBytes: readonly number[];
  /** Prepares a plan of another kernel for the same problem, for when the adapter refuses a shader of this one. */
  readonly instead?: (() => PreparedPlan | undefined) | undefined;
}

/** The memory of a run, by the roles of the plan's bindings. */
export interface Operands {
  readonly input: readonly GpuStorage[];
  readonly output: readonly GpuStorage[];
  readonly scratch: readonly GpuStorage[];
}

/** A plan on operands. */
export interface Run {
  readonly plan: PreparedPlan;
  readonly operands: Operands;
}

/** A pass of a run, ready to be encoded as soon as its pipeline is. */
export interface Dispatch {
  readonly pass: PreparedPass;
  readonly bindGroup: GPUBindGroup;
  /** Dynamic offsets: of the parameters first, which whoever encodes fills in, then of the operands. */
  readonly offsets: number[];
}

/** Whether the adapter has refused one of a plan's shaders. */
export const isRefused = ({ passes }: PreparedPlan): boolean =>
  passes.some(({ pipeline }) => pipeline.error !== undefined);
