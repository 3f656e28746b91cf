import type { Workload } from '../workloads/workload.ts';
import type { Comparison } from './check.ts';
import type { CpuRun, Numbers, RequestName, Requests, ResponseMessage } from './protocol.ts';

interface Waiting {
  readonly resolve: (get: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The CPU path in a worker: draws operands, checks results, and stands in for a GPU where there is none. */
export class Reference {
  readonly #worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<ResponseMessage>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('error' in data) waiting?.reject(new Error(data.error));
      else waiting?.resolve(data.get);
    });
    this.#worker.addEventListener('error', ({ message }) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the CPU path failed: ${message}`));
      this.#waiting.clear();
    });
  }

  /** Operands of a workload, rounded to its type. */
  draw(workload: Workload): Promise<Float32Array<ArrayBuffer>[]> {
    return this.#ask('draw', { workload });
  }

  /** Compares a result with the CPU path. The arrays move to the worker and are empty afterwards. */
  check(
    workload: Workload,
    operands: readonly Float32Array<ArrayBuffer>[],
    output: Numbers,
  ): Promise<Comparison> {
    const transfer = [...operands, output].map(({ buffer }) => buffer);
    return this.#ask('check', { workload, operands, output }, transfer);
  }

  /** Runs a workload on the CPU backend. */
  run(workload: Workload): Promise<CpuRun> {
    return this.#ask('run', { workload });
  }

  /** Ends the worker; what was asked of it stays without an answer. */
  dispose(): void {
    this.#worker.terminate();
  }

  #ask<Name extends RequestName>(
    name: Name,
    give: Requests[Name]['give'],
    transfer: Transferable[] = [],
  ): Promise<Requests[Name]['get']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (get) => resolve(get as Requests[Name]['get']), reject });
      this.#worker.postMessage({ id, name, give }, transfer);
    });
  }
}
