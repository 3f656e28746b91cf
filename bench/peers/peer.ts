import { decodeElements, dtypeSizeBytes, encodeElements, type Shape } from '../../src/tensor.ts';
import type { Task, TaskDType } from './task.ts';

/** Another library, loaded and ready, in a process of its own. */
export interface Peer {
  /** Name and version of what runs. */
  readonly version: string;
  /** The device that it runs on, in the driver's words; undefined where the library does not tell. */
  readonly device?: string | undefined;
  /**
   * Uploads the operands and gets the task ready.
   *
   * @throws NotOffered where the library has no such operation, or not for this type
   */
  prepare(task: Task, operands: readonly PeerOperand[]): Prepared | Promise<Prepared>;
}

/** A task that a library is ready to run. */
export interface Prepared {
  /** Starts `repeats` runs, or somewhat more, and says how many; results but the last are thrown away. */
  start(repeats: number): number | Promise<number>;
  /** Resolves when all that was started is done on the device; rejects when something failed there. */
  finish(): Promise<void>;
  /** The last result, row-major as the task says. */
  read(): Promise<ArrayLike<number>>;
  dispose(): void | Promise<void>;
}

/** How a peer is to open its device. */
export interface PeerSettings {
  /** Part of an adapter's name; the best adapter unless given. */
  readonly adapter?: string | undefined;
  /** The driver's bounds checks stay on. */
  readonly checked: boolean;
  /** The device that Tilewise runs on, in the driver's words: the peer is to run on the same. */
  readonly device: string;
}

/** Loads a library and opens its device. */
export type OpenPeer = (settings: PeerSettings) => Promise<Peer>;

/** A library does not have what a task needs; the message says what, in few words: `no f16`. */
export class NotOffered extends Error {}

/** An operand as it was sent: the same bytes for every library. */
export class PeerOperand {
  constructor(
    readonly dtype: TaskDType,
    /** Elements as a GPU stores them. */
    readonly bytes: Uint8Array<ArrayBuffer>,
  ) {}

  /** The elements as numbers. */
  get values(): Float32Array<ArrayBuffer> {
    const count = this.bytes.byteLength / (this.dtype === 'f16' ? 2 : 4);
    return decodeElements(this.bytes.buffer, this.dtype, count);
  }

  /** Of the operand [a, b, c] the last of `b`: [a, c]. */
  lastRows([a, b, c]: readonly [number, number, number]): PeerOperand {
    const rowBytes = c * dtypeSizeBytes(this.dtype);
    const bytes = new Uint8Array(a * rowBytes);
    for (let i = 0; i < a; i++) {
      const start = (i * b + b - 1) * rowBytes;
      bytes.set(this.bytes.subarray(start, start + rowBytes), i * rowBytes);
    }
    return new PeerOperand(this.dtype, bytes);
  }

  /** The operand [a, b, c] as [b, a, c], for libraries that want their axes in another order. */
  swapped([a, b, c]: readonly [number, number, number]): PeerOperand {
    return new PeerOperand(this.dtype, encodeElements(swapFirstAxes(this.values, [a, b, c]), this.dtype));
  }
}

/** [a, b, c] as [b, a, c]. */
export function swapFirstAxes(
  values: ArrayLike<number>,
  [a, b, c]: readonly [number, number, number],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(a * b * c);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let x = 0; x < c; x++) out[(j * a + i) * c + x] = values[(i * b + j) * c + x]!;
    }
  }
  return out;
}

/** For each operation that a library has, how it is made for a task. */
export type Makers<Made> = {
  readonly [Op in Task['op']]?: (task: Extract<Task, { op: Op }>) => Made;
};

/** @throws NotOffered for an operation that is not among them */
export function make<Made>(makers: Makers<Made>, task: Task): Made {
  const maker = makers[task.op] as ((task: Task) => Made) | undefined;
  if (!maker) throw new NotOffered(`no ${task.op}`);
  return maker(task);
}

/** A function of a library, and the shapes in which it takes its operands. */
export interface ShapedFunction<Tensor> {
  readonly shapes: readonly Shape[];
  /** The operands that `run` is given, made once of those that were uploaded. */
  readonly arrange?: (operands: readonly Tensor[]) => readonly Tensor[];
  readonly run: (...operands: Tensor[]) => Tensor;
  /** Gives back what it holds besides its operands. */
  readonly dispose?: () => void;
}
