import { DeviceLostError, openDevice } from 'tilewise';
import type { Gpu, GpuSession } from '../gpu/session.ts';
import { measureSpeed } from '../measure/speed.ts';
import { Reference } from '../reference/client.ts';
import { messageOf } from '../text.ts';
import { suiteFor, type Entry } from '../workloads/suites.ts';
import { entriesOf, INITIAL_STATE, type RowState, type State } from './state.ts';

/** By what the browser says of itself: there is no other way to learn how much memory a page may take. */
const isPhone = (): boolean => /\b(Android|iPhone|iPad|Mobile)\b/.test(navigator.userAgent);

/** What the view does; what it shows is `state`. */
export class App {
  readonly #onChange: (state: State) => void;
  readonly #session: GpuSession;
  readonly #reference = new Reference();
  #state = INITIAL_STATE;
  #run: AbortController | undefined;

  constructor(session: GpuSession, onChange: (state: State) => void) {
    this.#session = session;
    this.#onChange = onChange;
    session.subscribe((gpu) => void this.#follow(gpu));
    document.addEventListener('visibilitychange', () => this.#update({ hidden: document.hidden }));
  }

  reopen(): void {
    void this.#session.open();
  }

  /** Chooses what to run on the GPU that was found. Without one the CPU path stands in. */
  async #follow(gpu: Gpu): Promise<void> {
    if (gpu.kind === 'lost') {
      this.#run?.abort();
      this.#update({ gpu });
      return;
    }
    if (gpu.kind === 'opening') {
      this.#run?.abort();
      this.#update({ ...INITIAL_STATE, hidden: document.hidden, suite: this.#state.suite });
      return;
    }
    try {
      const suite = await this.#suiteFor(gpu);
      if (this.#session.gpu === gpu) this.#update({ gpu, suite });
    } catch (error) {
      // Of a loss the session hears by itself.
      if (!(error instanceof DeviceLostError)) throw error;
    }
  }

  async #suiteFor(gpu: Extract<Gpu, { readonly kind: 'open' | 'missing' }>): Promise<State['suite']> {
    if (gpu.kind === 'missing') {
      const { capabilities } = await openDevice({ backend: 'cpu' });
      return suiteFor(capabilities, undefined);
    }
    const { capabilities } = gpu.device;
    if (isPhone()) {
      const suite = suiteFor(capabilities, undefined);
      const why = 'On a phone the shapes are small, because a page has little memory there.';
      return { ...suite, leftOut: [...suite.leftOut, why] };
    }
    return suiteFor(capabilities, capabilities.software ? undefined : await measureSpeed(gpu.device));
  }

  /** Runs every row of the suite in order, until the end, `stop()` or the loss of the device. */
  async run(): Promise<void> {
    const { suite, gpu } = this.#state;
    if (!suite || this.#run || (gpu.kind !== 'open' && gpu.kind !== 'missing')) return;
    const run = new AbortController();
    this.#run = run;
    const entries = entriesOf(suite);
    this.#update({
      phase: 'running',
      rows: new Map(),
      ceilings: [],
      ceilingsFault: undefined,
      progress: { done: 0, of: entries.length, current: '' },
    });
    if (gpu.kind === 'open') await this.#measureCeilings(gpu, run.signal);
    for (const [done, entry] of entries.entries()) {
      if (run.signal.aborted) break;
      const current = `${entry.title} (${entry.workload.dtype})`;
      this.#update({ progress: { done, of: entries.length, current } });
      this.#setRow(entry, { kind: 'running' });
      this.#setRow(entry, await this.#runRow(entry, gpu, run.signal));
    }
    this.#run = undefined;
    // Another GPU begins with an empty table.
    if (this.#state.phase === 'idle') return;
    const done = [...this.#state.rows.values()].filter(({ kind }) => kind !== 'waiting').length;
    this.#update({
      phase: run.signal.aborted ? 'stopped' : 'done',
      progress: { done, of: entries.length, current: '' },
    });
  }

  async #measureCeilings(gpu: Extract<Gpu, { readonly kind: 'open' }>, signal: AbortSignal): Promise<void> {
    const { progress } = this.#state;
    try {
      const { measureCeilings } = await import('./ceilings.ts');
      const ceilings = await measureCeilings(gpu.device, gpu.timer, signal, (name) =>
        this.#update({ progress: { ...progress, current: `ceiling: ${name}` } }),
      );
      this.#update({ ceilings });
    } catch (error) {
      // Rows are worth running without.
      if (!signal.aborted) this.#update({ ceilingsFault: messageOf(error) });
    }
  }

  /** Ends the run after what is being computed now. */
  stop(): void {
    this.#run?.abort();
  }

  async #runRow({ workload }: Entry, gpu: Gpu, signal: AbortSignal): Promise<RowState> {
    try {
      if (gpu.kind !== 'open') return { kind: 'cpu', run: await this.#reference.run(workload) };
      // With what it brings along it is loaded when the first run begins.
      const { runWorkload } = await import('./runWorkload.ts');
      return {
        kind: 'gpu',
        outcome: await runWorkload(gpu.device, workload, this.#reference, gpu.timer, signal),
      };
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
