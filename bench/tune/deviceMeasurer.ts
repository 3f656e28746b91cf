import { DeviceLostError, TilewiseError } from '../../src/errors.ts';
import type { GpuDevice } from '../../src/index.ts';
import type { CheckedOperation } from '../../src/kernels/define.ts';
import type { Candidate, TimeInterval } from '../../src/tuning/records.ts';
import { Unmeasurable, type Measurer, type Runnable } from '../../src/tuning/search.ts';
import { prepareCheck, type Check, type Checker } from '../measure/check.ts';
import { estimateMedian } from '../measure/statistics.ts';
import { durationNs, findRepeats, timeGraph } from '../measure/timing.ts';
import { prepareTrial, uploadOperands, type Trial, type Uploaded } from '../measure/trial.ts';
import type { DeviceKeeper } from './deviceKeeper.ts';

export interface MeasurerOptions {
  readonly seed: number;
  /** Steps of the CPU path that the check may take. */
  readonly maxCheckSteps: number;
  /** The shortest time that a sample may have. */
  readonly minSampleNs: number;
  readonly signal: AbortSignal;
}

/** Something on a device, which is of no use once another device has come in its place. */
interface OnDevice<T> {
  readonly device: GpuDevice;
  readonly it: T;
}

/** Runs candidates for one problem on a device. The operands and what the CPU path makes of them are shared by all. */
export class DeviceMeasurer<P> implements Measurer, Disposable {
  readonly #keeper: DeviceKeeper;
  readonly #operation: CheckedOperation<P>;
  readonly #problem: P;
  readonly #options: MeasurerOptions;
  readonly #check: (outputs: readonly ArrayLike<number>[]) => Check;
  #uploaded: OnDevice<Uploaded>;

  private constructor(
    keeper: DeviceKeeper,
    operation: CheckedOperation<P>,
    checker: Checker<P>,
    problem: P,
    options: MeasurerOptions,
    uploaded: OnDevice<Uploaded>,
  ) {
    this.#keeper = keeper;
    this.#operation = operation;
    this.#problem = problem;
    this.#options = options;
    this.#uploaded = uploaded;
    this.#check = prepareCheck(operation, checker, problem, uploaded.it.operands, {
      maxSteps: options.maxCheckSteps,
      seed: options.seed,
    });
  }

  /** @throws what opening a device and allocation throw */
  static async prepare<P>(
    keeper: DeviceKeeper,
    { operation, checker }: { readonly operation: CheckedOperation<P>; readonly checker: Checker<P> },
    problem: P,
    options: MeasurerOptions,
  ): Promise<DeviceMeasurer<P>> {
    const device = await keeper.device();
    const it = uploadOperands(device, operation, problem, options.seed);
    return new DeviceMeasurer(keeper, operation, checker, problem, options, { device, it });
  }

  open(candidate: Candidate): Promise<Runnable> {
    return this.#guarded(async (device) => {
      const trial = this.#prepareTrial(device, candidate);
      try {
        await timeGraph(device, trial.graph, 1);
        const outputs = await Promise.all(trial.outputs.map((output) => output.read()));
        const check = this.#check(outputs);
        if (!check.passed) throw new Unmeasurable('wrong', check.problem ?? 'no element is right');
        const { repeats } = await findRepeats(device, trial.graph, { ...this.#options, warmupMs: 0 });
        this.#keeper.noteSuccess();
        return this.#runnable(candidate, { device, it: trial }, repeats);
      } catch (error) {
        trial[Symbol.dispose]();
        throw error;
      }
    });
  }

  #prepareTrial(device: GpuDevice, choice: Candidate): Trial<P> {
    const { seed } = this.#options;
    if (this.#uploaded.device !== device) {
      this.#uploaded = { device, it: uploadOperands(device, this.#operation, this.#problem, seed) };
    }
    return prepareTrial(device, this.#operation, this.#problem, {
      seed,
      choice,
      uploaded: this.#uploaded.it,
    });
  }

  /** Goes on where another candidate has lost the device that it was opened on. */
  #runnable(candidate: Candidate, opened: OnDevice<Trial<P>>, repeats: number): Runnable {
    let trial = opened;
    const samples: number[] = [];
    return {
      sample: () =>
        this.#guarded(async (device): Promise<TimeInterval> => {
          if (trial.device !== device) trial = { device, it: this.#prepareTrial(device, candidate) };
          samples.push(durationNs(await timeGraph(device, trial.it.graph, repeats)) / repeats);
          const { samples: _samples, ...interval } = estimateMedian(samples);
          return interval;
        }),
      // What is on a lost device is gone with it.
      [Symbol.dispose]: () => {
        if (trial.device === this.#uploaded.device) trial.it[Symbol.dispose]();
      },
    };
  }

  /** Turns errors of the library into the candidate's outcome. */
  async #guarded<T>(work: (device: GpuDevice) => Promise<T>): Promise<T> {
    this.#options.signal.throwIfAborted();
    const device = await this.#keeper.device();
    try {
      return await work(device);
    } catch (error) {
      if (error instanceof DeviceLostError) {
        this.#keeper.noteLoss(error);
        throw new Unmeasurable('crashed', error.message);
      }
      if (error instanceof TilewiseError) throw new Unmeasurable('failed', error.message);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#uploaded.it[Symbol.dispose]();
  }
}
