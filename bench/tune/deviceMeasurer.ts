import type { CheckedOperation } from '../../src/kernels/define.ts';
import { DeviceLostError, TilewiseError, type GpuDevice } from '../../src/node.ts';
import { Unmeasurable, type Measurer, type Runnable } from '../../src/tuning/search.ts';
import type { Candidate } from '../../src/tuning/records.ts';
import { prepareCheck, type Check, type Checker } from '../measure/check.ts';
import { durationNs, findRepeats, timeGraph } from '../measure/sampling.ts';
import { estimateMedian } from '../measure/statistics.ts';
import { prepareTrial, uploadOperands, type Trial, type Uploaded } from '../measure/trial.ts';

export interface MeasurerOptions {
  readonly seed: number;
  /** Steps of the CPU path that the check may take. */
  readonly maxCheckSteps: number;
  /** The shortest time that a sample may have. */
  readonly minSampleNs: number;
  readonly signal: AbortSignal;
  /** Opens the adapter anew after its device was lost. */
  readonly reopen: () => Promise<GpuDevice>;
}

/** Devices lost one after the other, after which the machine is to blame and not the candidates. */
const MOST_LOSSES = 3;

/** Runs candidates for one problem on a device. The operands and what the CPU path makes of them are shared by all. */
export class DeviceMeasurer<P> implements Measurer, Disposable {
  readonly #operation: CheckedOperation<P>;
  readonly #problem: P;
  readonly #options: MeasurerOptions;
  readonly #check: (outputs: readonly ArrayLike<number>[]) => Check;
  #device: GpuDevice;
  #uploaded: Uploaded;
  #losses = 0;

  /** @throws what allocation throws */
  constructor(
    device: GpuDevice,
    operation: CheckedOperation<P>,
    checker: Checker<P>,
    problem: P,
    options: MeasurerOptions,
  ) {
    this.#device = device;
    this.#operation = operation;
    this.#problem = problem;
    this.#options = options;
    this.#uploaded = uploadOperands(device, operation, problem, options.seed);
    this.#check = prepareCheck(operation, checker, problem, this.#uploaded.operands, {
      maxSteps: options.maxCheckSteps,
      seed: options.seed,
    });
  }

  /** The device in use: another one than at first where that was lost. */
  get device(): GpuDevice {
    return this.#device;
  }

  async open(candidate: Candidate): Promise<Runnable> {
    const device = this.#device;
    return this.#guarded(device, async () => {
      const { seed, signal } = this.#options;
      signal.throwIfAborted();
      const trial = prepareTrial(device, this.#operation, this.#problem, {
        seed,
        choice: candidate,
        uploaded: this.#uploaded,
      });
      try {
        await timeGraph(device, trial.graph, 1);
        const outputs = await Promise.all(trial.outputs.map((output) => output.read()));
        const check = this.#check(outputs);
        if (!check.passed) throw new Unmeasurable('wrong', check.problem ?? 'no element is right');
        const { repeats } = await findRepeats(device, trial.graph, { ...this.#options, warmupMs: 0 });
        this.#losses = 0;
        return this.#runnable(device, trial, repeats);
      } catch (error) {
        trial[Symbol.dispose]();
        throw error;
      }
    });
  }

  #runnable(device: GpuDevice, trial: Trial<P>, repeats: number): Runnable {
    const samples: number[] = [];
    return {
      sample: () =>
        this.#guarded(device, async () => {
          this.#options.signal.throwIfAborted();
          samples.push(durationNs(await timeGraph(device, trial.graph, repeats)) / repeats);
          const { samples: _samples, ...interval } = estimateMedian(samples);
          return interval;
        }),
      [Symbol.dispose]: () => {
        if (device === this.#device) trial[Symbol.dispose]();
      },
    };
  }

  /** Turns errors of the library into the candidate's outcome; goes on with another device where this one was lost. */
  async #guarded<T>(device: GpuDevice, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DeviceLostError) {
        if (device === this.#device) await this.#replaceDevice(error);
        throw new Unmeasurable('crashed', error.message);
      }
      if (error instanceof TilewiseError) throw new Unmeasurable('failed', error.message);
      throw error;
    }
  }

  async #replaceDevice(lost: DeviceLostError): Promise<void> {
    this.#losses++;
    if (this.#losses >= MOST_LOSSES) throw lost;
    this.#device.destroy();
    this.#device = await this.#options.reopen();
    this.#uploaded = uploadOperands(this.#device, this.#operation, this.#problem, this.#options.seed);
  }

  [Symbol.dispose](): void {
    this.#uploaded[Symbol.dispose]();
  }
}
