import os from 'node:os';
import type { Capabilities } from '../../src/node.ts';
import { elementCount, formatShape, storageSizeBytes, type TensorSpec } from '../../src/tensor.ts';
import { bindingCeiling, workOf } from '../measure/bindingCeiling.ts';
import type { Ceiling } from '../measure/ceilings.ts';
import { checkSteps } from '../measure/check.ts';
import type { Workload } from './workload.ts';

/** Nanoseconds that a step of the CPU path takes, about; it is only to plan with. */
const NS_PER_STEP = 3;

/** Bytes a second at which operands reach the device, about. */
const UPLOAD_BYTES_PER_SECOND = 1e9;

/** Share of its ceiling that an operation is taken to reach before it was measured at all: rather too low. */
const UNKNOWN_EFFICIENCY = { hardware: 0.1, software: 0.03 } as const;

/** To compile a row's shaders, about; a processor has more to do then. */
const COMPILE_MS = { hardware: 50, software: 150 } as const;

/** Runs of a row besides its samples: the one that is checked, one to warm up, one to find how often to repeat. */
const EXTRA_RUNS = 3;

/** What problems that fare alike have in common, the widest first. */
type Kind = readonly [operation: string, dtype: string, shapeClass: string];

const kindOf = <P>({ operation }: Workload<P>, problem: P): Kind => [
  operation.name,
  operation.dtype(problem),
  operation.shapeClass(problem),
];

/** What a row would take, or why it cannot be run at all. */
export type Cost = { readonly ms: number } | { readonly impossible: string };

/** Predicts what rows take, from the ceilings and from the rows that were measured before. */
export class CostModel {
  readonly #ceilings: readonly Ceiling[];
  readonly #caps: Capabilities;
  readonly #maxCheckSteps: number;
  /** Share of its ceiling that each kind of problem reached last. */
  readonly #reached = new Map<string, { readonly kind: Kind; readonly share: number }>();
  /** How much longer rows take than predicted: compilation, other programs on the machine, a wrong guess. */
  #slowdown = 1;

  constructor(ceilings: readonly Ceiling[], caps: Capabilities, maxCheckSteps: number) {
    this.#ceilings = ceilings;
    this.#caps = caps;
    this.#maxCheckSteps = maxCheckSteps;
  }

  /** @param samples at least so many runs are timed */
  cost<P>(workload: Workload<P>, problem: P, samples: number): Cost {
    const { operation, checker } = workload;
    const inputs = operation.inputs(problem);
    const tensors = [...inputs, ...operation.outputs(problem)];
    const impossible = this.#tooLarge(tensors);
    if (impossible !== undefined) return { impossible };
    const runMs = this.#idealNs(workload, problem) / this.#efficiency(workload, problem) / 1e6;
    const uploadBytes = inputs.reduce((sum, spec) => sum + storageSizeBytes(spec), 0);
    const checkMs =
      this.#caps.backend === 'cpu'
        ? 0
        : (checkSteps(checker, problem, this.#maxCheckSteps) * NS_PER_STEP) / 1e6;
    const ms = (uploadBytes / UPLOAD_BYTES_PER_SECOND) * 1e3 + checkMs + (samples + EXTRA_RUNS) * runMs;
    return { ms: this.#slowdown * (COMPILE_MS[this.#caps.software ? 'software' : 'hardware'] + ms) };
  }

  /** Takes note of how long a run took on the device. */
  learn<P>(workload: Workload<P>, problem: P, durationNs: number): void {
    const kind = kindOf(workload, problem);
    this.#reached.set(kind.join(' '), { kind, share: this.#idealNs(workload, problem) / durationNs });
  }

  /** Takes note of how long a whole row took. Predictions follow half way, in ratio, so that one row does not rule. */
  correct(predictedMs: number, actualMs: number): void {
    const slowdown = this.#slowdown * Math.sqrt(actualMs / predictedMs);
    this.#slowdown = Math.max(1, Math.min(20, slowdown));
  }

  /** To be called when a row was left out for want of time: what slowed the last one down may have passed. */
  relax(): void {
    this.#slowdown = Math.max(1, 0.7 * this.#slowdown);
  }

  /** What its kind reached, else the worst of its operation and data type, else of its operation. */
  #efficiency<P>(workload: Workload<P>, problem: P): number {
    const wanted = kindOf(workload, problem);
    const known = [...this.#reached.values()];
    for (let told = wanted.length; told > 0; told--) {
      const alike = known.filter(({ kind }) => wanted.slice(0, told).every((word, at) => word === kind[at]));
      if (alike.length > 0) return Math.min(...alike.map(({ share }) => share));
    }
    if (this.#caps.backend === 'cpu') return 1;
    return UNKNOWN_EFFICIENCY[this.#caps.software ? 'software' : 'hardware'];
  }

  #idealNs<P>({ operation, checker }: Workload<P>, problem: P): number {
    const binding = bindingCeiling(this.#ceilings, workOf(operation, problem, 'f32'));
    return binding ? binding.idealNs : checker.referenceSteps(problem) * NS_PER_STEP;
  }

  #tooLarge(tensors: readonly TensorSpec[]): string | undefined {
    const { limits, software } = this.#caps;
    const largest = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
    for (const spec of tensors) {
      if (storageSizeBytes(spec) > largest) {
        return (
          `a tensor of ${formatShape(spec.shape)} ${spec.dtype} takes ${storageSizeBytes(spec)} bytes; ` +
          `this adapter binds ${largest} at most`
        );
      }
    }
    // A software adapter's memory is the host's; the CPU path holds everything in f64 besides.
    const perElement = this.#caps.backend === 'cpu' ? 24 : 4;
    const needed = tensors.reduce((sum, { shape }) => sum + elementCount(shape) * perElement, 0);
    if (software && needed > os.freemem() / 2) return 'it needs more than half of the memory that is free';
    return undefined;
  }
}
