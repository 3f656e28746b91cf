import type { CheckedOperation } from '../../src/kernels/define.ts';
import type { Device, Tensor } from '../../src/node.ts';
import { execute } from '../../src/ops/execute.ts';
import type { Operand } from '../measure/operand.ts';
import type { PeerSettings, Prepared } from './peer.ts';
import { PeerFailure, PeerProcess, type PeerCommand } from './process.ts';
import { receiveValues, sendOperand, type Answers } from './protocol.ts';
import { time } from './serve.ts';
import type { Task, TaskDType } from './task.ts';

/** A problem, its operands, and the same in words that other libraries understand. */
export interface Assignment<P = unknown> {
  readonly operation: CheckedOperation<P>;
  readonly problem: P;
  readonly operands: readonly Operand[];
  readonly task: Task;
}

/** Whoever takes part in a comparison: Tilewise itself, or another library. */
export interface Contender {
  readonly name: string;
  /** Uploads the operands and gets ready to run. */
  prepare(assignment: Assignment): Promise<Ready>;
}

/** A contender that is ready to run its assignment. */
export interface Ready {
  /** Runs it `repeats` times or somewhat more, and says how long that took in all. */
  time(repeats: number): Promise<Answers['time']>;
  /** Elements of the last result, or all of it. */
  read(positions: readonly number[] | undefined): Promise<ArrayLike<number>>;
  dispose(): Promise<void>;
}

/** Tilewise, called as users call it: an operation at a time, each giving a new tensor. */
export function tilewiseContender(device: Device): Contender {
  return {
    name: 'tilewise',
    async prepare(assignment) {
      const prepared = prepareTilewise(device, assignment);
      return {
        time: (repeats) => time(prepared, repeats),
        async read(positions) {
          const values = await prepared.read();
          return positions ? positions.map((position) => values[position]!) : values;
        },
        dispose: async () => prepared.dispose(),
      };
    },
  };
}

function prepareTilewise(device: Device, { operation, problem, operands }: Assignment): Prepared {
  const inputs = operands.map((operand) => operand.upload(device));
  const shapes = operation.outputs(problem).map(({ shape }) => shape);
  let last: Tensor | undefined;
  return {
    start(repeats) {
      for (let i = 0; i < repeats; i++) {
        last?.dispose();
        [last] = execute({ operation, problem, inputs, shapes, choice: {} });
      }
      return repeats;
    },
    finish: async () => void (device.backend === 'webgpu' && (await device.finished())),
    read: () => last!.read(),
    dispose() {
      for (const tensor of [...inputs, ...(last ? [last] : [])]) tensor.dispose();
    },
  };
}

/** How often a peer's process may end before no new one is started. */
const MAX_ENDS = 3;

/** Another library, in a process of its own, so that neither its crash nor its globals touch the others. */
export class PeerContender implements Contender {
  readonly name: string;
  readonly #command: PeerCommand;
  readonly #settings: PeerSettings;
  #process: PeerProcess | undefined;
  #ends = 0;

  constructor(name: string, command: PeerCommand, settings: PeerSettings) {
    this.name = name;
    this.#command = command;
    this.#settings = settings;
  }

  /**
   * Starts the process and opens the library on the device that Tilewise runs on.
   *
   * @throws PeerFailure saying why it takes no part
   */
  async open(): Promise<Answers['open']> {
    const started = new PeerProcess(this.#command);
    // Known from the start, so that `close()` ends it while it is still loading.
    this.#process = started;
    try {
      const opened = await started.ask({ do: 'open', settings: this.#settings });
      const { device } = opened;
      if (device !== null && !this.#settings.device.includes(device)) {
        throw new PeerFailure(`it runs on ${device}, Tilewise on ${this.#settings.device}`);
      }
      return opened;
    } catch (error) {
      started.close();
      throw error;
    }
  }

  /** @throws PeerLacks where the library does not have it; PeerFailure */
  async prepare({ task, operands }: Assignment): Promise<Ready> {
    const running = await this.#running();
    await running.ask({
      do: 'prepare',
      task,
      operands: operands.map(({ spec, size, pattern }) =>
        sendOperand(spec.dtype as TaskDType, size, pattern),
      ),
    });
    return {
      time: (repeats) => running.ask({ do: 'time', repeats }),
      async read(positions) {
        return receiveValues((await running.ask({ do: 'read', positions: positions ?? null })).values);
      },
      dispose: async () => void (await running.ask({ do: 'dispose' })),
    };
  }

  /** Ends the process. */
  close(): void {
    this.#process?.close();
  }

  async #running(): Promise<PeerProcess> {
    if (!this.#process?.alive) {
      this.#ends++;
      if (this.#ends >= MAX_ENDS) throw new PeerFailure(`its process has ended ${MAX_ENDS} times`);
      await this.open();
    }
    return this.#process!;
  }
}
