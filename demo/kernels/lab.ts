import { DeviceLostError, type Capabilities, type GpuDevice } from 'tilewise';
import type { Gpu, GpuSession } from '../gpu/session.ts';
import { Reference } from '../reference/client.ts';
import { runWorkload, type Outcome } from '../run/runWorkload.ts';
import { messageOf } from '../text.ts';
import type { Workload } from '../workloads/workload.ts';
import { describeConfig } from './explained.ts';
import { inspect, isLegal, LEAST_CAPABILITIES, type Inspection } from './inspect.ts';
import { faultOf, firstChoice, PROBLEMS, type Chosen } from './problem.ts';
import { tuneFor, type Tuning } from './tuning.ts';

/** A tuning parameter of the kernel that is looked at. */
export interface Parameter {
  readonly name: string;
  readonly value: number | boolean;
  readonly values: readonly {
    readonly value: number | boolean;
    /** Whether it can run beside what the other parameters are now. */
    readonly legal: boolean;
  }[];
}

/** One run of one config. */
export interface Attempt {
  readonly id: number;
  readonly kernel: string;
  readonly config: Chosen['config'];
  readonly outcome: Outcome | undefined;
  readonly fault: string | undefined;
}

export interface LabState {
  readonly gpu: Gpu;
  readonly chosen: Chosen;
  /** Undefined until it is known, and where there is a fault. */
  readonly inspection: Inspection | undefined;
  readonly parameters: readonly Parameter[];
  readonly fault: string | undefined;
  readonly running: string | undefined;
  /** Of the problem that is looked at, the latest first. */
  readonly attempts: readonly Attempt[];
  /** Of the class of the problem that is looked at. */
  readonly tuning: Tuning;
}

/** Attempts that are kept. */
const KEPT = 24;

/** Looks into kernels: which is chosen, what else could run, and how fast each config is. */
export class Lab {
  readonly #onChange: (state: LabState) => void;
  readonly #session: GpuSession;
  #reference: Reference | undefined;
  #state: LabState;
  #run: AbortController | undefined;
  #tuningRun: AbortController | undefined;
  #nextId = 0;

  constructor(session: GpuSession, onChange: (state: LabState) => void) {
    this.#session = session;
    this.#onChange = onChange;
    this.#state = {
      gpu: { kind: 'opening' },
      chosen: firstChoice(PROBLEMS[0]!, true),
      inspection: undefined,
      parameters: [],
      fault: undefined,
      running: undefined,
      attempts: [],
      tuning: { kind: 'none' },
    };
  }

  /** Begins to look, with the GPU as it is. */
  start(): void {
    this.#session.subscribe((gpu) => this.#follow(gpu));
  }

  get state(): LabState {
    return this.#state;
  }

  /** The device's, or the least that any has. */
  get capabilities(): Capabilities {
    const { gpu } = this.#state;
    return gpu.kind === 'open' ? gpu.device.capabilities : LEAST_CAPABILITIES;
  }

  get #target(): Capabilities | GpuDevice {
    const { gpu } = this.#state;
    return gpu.kind === 'open' ? gpu.device : LEAST_CAPABILITIES;
  }

  #follow(gpu: Gpu): void {
    if (gpu.kind !== 'open') this.#run?.abort();
    const first = this.#state.gpu.kind === 'opening' && this.#state.inspection === undefined;
    this.#update({ gpu });
    if (gpu.kind === 'opening') return;
    const software = gpu.kind !== 'open' || gpu.device.capabilities.software;
    void this.choose(first ? firstChoice(this.#state.chosen.kind, software) : this.#state.chosen);
  }

  /** Looks at something else. Attempts stay as long as the problem is the same. */
  async choose(chosen: Chosen): Promise<void> {
    const before = this.#state.chosen;
    const same =
      before.kind === chosen.kind &&
      before.dtype === chosen.dtype &&
      before.sizes.join() === chosen.sizes.join();
    this.#run?.abort();
    if (!same) this.#tuningRun?.abort();
    this.#update({ chosen, ...(!same && { attempts: [], tuning: { kind: 'none' } }) });
    const fault = faultOf(chosen);
    if (fault !== undefined) {
      this.#update({ fault, inspection: undefined, parameters: [] });
      return;
    }
    const workload = workloadOf(chosen);
    try {
      const inspection = await inspect(this.#target, workload, choiceOf(chosen));
      const parameters = await this.#parametersOf(workload, inspection);
      if (chosen === this.#state.chosen) this.#update({ inspection, parameters, fault: undefined });
    } catch (error) {
      if (chosen !== this.#state.chosen) return;
      // What was chosen before for other sizes, or by an address, may not be possible here.
      if (chosen.kernel !== '') await this.choose({ ...chosen, kernel: '', config: {} });
      else this.#update({ fault: messageOf(error), inspection: undefined, parameters: [] });
    }
  }

  async #parametersOf(workload: Workload, { explanation }: Inspection): Promise<Parameter[]> {
    const { kernel, config, candidates } = explanation;
    const { space } = candidates.find((candidate) => candidate.kernel === kernel)!;
    return Promise.all(
      Object.entries(space).map(async ([name, values]) => ({
        name,
        value: config[name]!,
        values: await Promise.all(
          values.map(async (value) => ({
            value,
            legal: await isLegal(this.capabilities, workload, {
              kernel,
              config: { ...config, [name]: value },
            }),
          })),
        ),
      })),
    );
  }

  stop(): void {
    this.#run?.abort();
  }

  reopen(): void {
    void this.#session.open();
  }

  /**
   * Tunes the class of the problem that is looked at, and opens the GPU anew, which then chooses by what was found.
   *
   * @returns whether there is a record now
   */
  async tune(): Promise<boolean> {
    const { gpu, inspection, chosen } = this.#state;
    if (gpu.kind !== 'open' || !inspection || this.#run || this.#tuningRun) return false;
    const run = new AbortController();
    this.#tuningRun = run;
    this.#update({ tuning: { kind: 'running', words: 'Opening the GPU…' } });
    const tuning = await tuneFor(inspection.explanation, workloadOf(chosen), run.signal, (words) =>
      this.#update({ tuning: { kind: 'running', words } }),
    );
    this.#tuningRun = undefined;
    // What was found out counts; but another problem may be looked at by now.
    if (this.#state.tuning.kind === 'running') this.#update({ tuning });
    if (tuning.kind !== 'tuned') return false;
    await this.#session.open();
    return this.#state.tuning === tuning;
  }

  stopTuning(): void {
    this.#tuningRun?.abort();
  }

  /** Runs what is chosen, or with each legal value of one parameter. */
  async run(sweep?: Parameter): Promise<void> {
    const { gpu, inspection, chosen } = this.#state;
    if (gpu.kind !== 'open' || !inspection || this.#run || this.#tuningRun) return;
    const { kernel, config } = inspection.explanation;
    const values = sweep?.values.filter(({ legal }) => legal).map(({ value }) => value);
    const configs = values && sweep ? values.map((value) => ({ ...config, [sweep.name]: value })) : [config];
    const run = new AbortController();
    this.#run = run;
    for (const each of configs) {
      this.#update({ running: `${kernel} ${describeConfig(each)}` });
      const attempt = await this.#attempt(gpu, chosen, kernel, each, run.signal);
      if (run.signal.aborted) break;
      this.#update({ attempts: [attempt, ...this.#state.attempts].slice(0, KEPT) });
    }
    this.#run = undefined;
    this.#update({ running: undefined });
  }

  async #attempt(
    gpu: Extract<Gpu, { readonly kind: 'open' }>,
    chosen: Chosen,
    kernel: string,
    config: Chosen['config'],
    signal: AbortSignal,
  ): Promise<Attempt> {
    const attempt = { id: this.#nextId++, kernel, config };
    this.#reference ??= new Reference();
    try {
      const outcome = await runWorkload(gpu.device, workloadOf(chosen), this.#reference, gpu.timer, signal, {
        kernel,
        config,
      });
      return { ...attempt, outcome, fault: outcome.comparison.fault };
    } catch (error) {
      // The page says by itself that the device is gone.
      if (error instanceof DeviceLostError) this.#run?.abort();
      return { ...attempt, outcome: undefined, fault: messageOf(error) };
    }
  }

  #update(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}

const workloadOf = ({ kind, sizes, dtype }: Chosen): Workload => kind.workload(sizes, dtype);

const choiceOf = ({ kernel, config }: Chosen): { kernel?: string; config?: Chosen['config'] } =>
  kernel === '' ? {} : { kernel, config };
