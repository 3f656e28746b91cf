import { DeviceLostError, openDevice, type GpuDevice } from 'tilewise';
import { measureSpeed } from './measure/speed.ts';
import { inspectTimer, type Timer } from './measure/timer.ts';
import { Reference } from './reference/client.ts';
import { runWorkload } from './runWorkload.ts';
import { entriesOf, INITIAL_STATE, type RowState, type State } from './state.ts';
import { suiteFor, type Entry } from './workloads/suites.ts';

/** An adapter that is open, or the CPU path in its place. */
type Backend =
  | { readonly kind: 'gpu'; readonly device: GpuDevice; readonly timer: Timer }
  | { readonly kind: 'cpu' };

/** What the page does; what it shows is `state`. */
export class App {
  readonly #onChange: (state: State) => void;
  readonly #reference = new Reference();
  #state = INITIAL_STATE;
  #backend: Backend | undefined;
  #run: AbortController | undefined;

  constructor(onChange: (state: State) => void) {
    this.#onChange = onChange;
  }

  get state(): State {
    return this.#state;
  }

  /** Looks for a GPU and chooses what to run on it. Without one the CPU path stands in. */
  async open(): Promise<void> {
    this.#backend = undefined;
    this.#update({ ...INITIAL_STATE, suite: this.#state.suite });
    try {
      await this.#openGpu();
    } catch (error) {
      if (this.#state.gpu.kind === 'lost') return;
      const { capabilities } = await openDevice({ backend: 'cpu' });
      this.#backend = { kind: 'cpu' };
      this.#update({
        gpu: { kind: 'missing', message: messageOf(error) },
        suite: suiteFor(capabilities, undefined),
      });
    }
  }

  async #openGpu(): Promise<void> {
    const device = await openDevice();
    if (device.backend !== 'webgpu') return;
    void device.lost.then((error) => {
      this.#backend = undefined;
      this.#run?.abort(error);
      this.#update({ gpu: { kind: 'lost', message: error.message } });
    });
    const { capabilities } = device;
    const timer = await inspectTimer(device);
    const suite = suiteFor(capabilities, capabilities.software ? undefined : await measureSpeed(device));
    this.#backend = { kind: 'gpu', device, timer };
    this.#update({ gpu: { kind: 'open', capabilities, timer }, suite });
  }

  /** Runs every row of the suite in order, until the end, `stop()` or the loss of the device. */
  async run(): Promise<void> {
    const { suite } = this.#state;
    const backend = this.#backend;
    if (!suite || !backend || this.#run) return;
    const run = new AbortController();
    this.#run = run;
    const entries = entriesOf(suite);
    this.#update({ phase: 'running', rows: new Map() });
    for (const [done, entry] of entries.entries()) {
      const current = `${entry.title} (${entry.workload.dtype})`;
      this.#update({ progress: { done, of: entries.length, current } });
      this.#setRow(entry, { kind: 'running' });
      this.#setRow(entry, await this.#runRow(entry, backend, run.signal));
      if (run.signal.aborted) break;
    }
    this.#run = undefined;
    const done = [...this.#state.rows.values()].filter(({ kind }) => kind !== 'waiting').length;
    this.#update({
      phase: run.signal.aborted ? 'stopped' : 'done',
      progress: { done, of: entries.length, current: '' },
    });
  }

  /** Ends the run after what is being computed now. */
  stop(): void {
    this.#run?.abort();
  }

  async #runRow({ workload }: Entry, backend: Backend, signal: AbortSignal): Promise<RowState> {
    try {
      if (backend.kind === 'cpu') return { kind: 'cpu', run: await this.#reference.run(workload) };
      const { device, timer } = backend;
      return { kind: 'gpu', outcome: await runWorkload(device, workload, this.#reference, timer, signal) };
    } catch (error) {
      // A row that was cut short has nothing to say; the page says why it was.
      if (signal.aborted || error instanceof DeviceLostError) return { kind: 'waiting' };
      return { kind: 'failed', message: messageOf(error) };
    }
  }

  #setRow(entry: Entry, row: RowState): void {
    this.#update({ rows: new Map(this.#state.rows).set(entry.id, row) });
  }

  #update(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
