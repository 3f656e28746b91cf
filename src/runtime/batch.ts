import { ExecutionError, OutOfMemoryError, type TilewiseError } from '../errors.ts';
import type { Value, GpuStorage } from './storage.ts';
import type { Dispatch, Run } from './dispatch.ts';
import type { Graph } from './graph.ts';
import type { PipelineEntry } from './pipelineCache.ts';
import type { TimestampRecorder } from './timestamps.ts';

/** A run with its dispatches: replaced by those of another kernel if the adapter refuses a shader. */
export interface BoundRun {
  readonly run: Run;
  readonly dispatches: readonly Dispatch[];
}

/** What a batch does, in order, and the content that it reads and writes. */
export type Command =
  | { readonly kind: 'run'; bound: BoundRun; readonly reads: Value[]; readonly writes: Value[] }
  | {
      readonly kind: 'replay';
      readonly graph: Graph;
      readonly repeats: number;
      readonly reads: Value[];
      readonly writes: Value[];
    }
  | {
      readonly kind: 'write';
      readonly storage: GpuStorage;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly byteOffset: number;
    }
  | {
      readonly kind: 'copy';
      readonly source: GpuStorage;
      readonly value: Value;
      readonly destination: GPUBuffer;
      readonly sizeBytes: number;
    };

/** How a batch is timed. */
export interface BatchTiming {
  /** Each dispatch in a pass of its own, or everything in one pass. */
  readonly passes: 'perDispatch' | 'whole';
  record(passCount: number): TimestampRecorder;
}

/** Commands that are encoded and submitted together. */
export class Batch {
  readonly commands: Command[] = [];
  /** Pipelines that were not ready when they were recorded. */
  readonly unready = new Set<PipelineEntry>();
  dispatchCount = 0;
  /** Dispatches of replayed graphs. */
  replayedCount = 0;
  uploadBytes = 0;
  /** Made when the batch is encoded, if it is timed. */
  timestamps: TimestampRecorder | undefined;
  /** What ran in each timed pass. */
  readonly passLabels: string[] = [];
  /** Resolves once the batch has been submitted and its errors are known and assigned to what they spoiled. */
  readonly checked: Promise<void>;
  settle!: (check: Promise<void>) => void;

  constructor(
    readonly serial: number,
    readonly timing: BatchTiming | undefined,
  ) {
    this.checked = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** The first error that spoiled something that the batch writes; known once it is `checked`. */
  get fault(): TilewiseError | undefined {
    for (const command of this.commands) {
      if (command.kind !== 'run' && command.kind !== 'replay') continue;
      const spoiled = command.writes.find((value) => value.fault);
      if (spoiled) return spoiled.fault;
    }
    return undefined;
  }

  /**
   * Hands errors on along the data: a result is as good as the work that made it and what that work read.
   *
   * @param error of the batch as a whole
   */
  assignFaults(error: GPUError | null | undefined): void {
    const batchError = toTilewiseError(error);
    for (const command of this.commands) {
      if (command.kind === 'run' || command.kind === 'replay') {
        const fault = ownFault(command) ?? batchError ?? command.reads.find((value) => value.fault)?.fault;
        for (const value of command.writes) value.fault = fault;
      } else if (command.kind === 'copy') {
        command.value.fault ??= command.source.slab.fault ?? batchError;
      }
    }
  }
}

/** The error of a command's own shaders or memory: more telling than that of the batch, which it may have caused. */
function ownFault(command: Extract<Command, { kind: 'run' | 'replay' }>): TilewiseError | undefined {
  if (command.kind === 'replay') {
    const { pipelines, inputs, outputs } = command.graph;
    return pipelines.find(({ error }) => error)?.error ?? memoryFault(inputs) ?? memoryFault(outputs);
  }
  const { run, dispatches } = command.bound;
  const { input, output, scratch } = run.operands;
  const refused = dispatches.find(({ pass }) => pass.pipeline.error);
  return refused?.pass.pipeline.error ?? memoryFault(input) ?? memoryFault(output) ?? memoryFault(scratch);
}

const memoryFault = (storages: readonly GpuStorage[]): TilewiseError | undefined =>
  storages.find(({ slab }) => slab.fault)?.slab.fault;

function toTilewiseError(error: GPUError | null | undefined): TilewiseError | undefined {
  if (!error) return undefined;
  const message = error.message.split('\n')[0] ?? '';
  // `instanceof` would need the error classes as globals, which Node does not have.
  return error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfMemoryError(`the GPU ran out of memory: ${message}`)
    : new ExecutionError(`the GPU refused submitted work: ${message}`, { message: error.message }, error);
}
