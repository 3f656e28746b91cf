import type { Explanation, TensorArray } from 'tilewise';
import type { Workload } from '../workloads/workload.ts';
import type { Comparison } from './check.ts';

export type Numbers = TensorArray;

/** A run on the CPU backend, which is the reference itself. */
export interface CpuRun {
  readonly explanation: Explanation;
  readonly durationNs: number;
}

/** What the worker does, and what it answers. Arrays are moved, not copied. */
export interface Requests {
  draw: { readonly give: { readonly workload: Workload }; readonly get: Float32Array<ArrayBuffer>[] };
  check: {
    readonly give: {
      readonly workload: Workload;
      readonly operands: readonly Float32Array<ArrayBuffer>[];
      readonly output: Numbers;
    };
    readonly get: Comparison;
  };
  run: { readonly give: { readonly workload: Workload }; readonly get: CpuRun };
}

export type RequestName = keyof Requests;

export interface RequestMessage<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly name: Name;
  readonly give: Requests[Name]['give'];
}

export type ResponseMessage =
  | { readonly id: number; readonly get: Requests[RequestName]['get'] }
  | { readonly id: number; readonly error: string };
