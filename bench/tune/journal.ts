import * as v from 'valibot';
import { candidateKey } from '../../src/tuning/candidates.ts';
import { parseCandidate, parseOutcome } from '../../src/tuning/parseFile.ts';
import type { Candidate, Outcome } from '../../src/tuning/records.ts';
import type { TuningStore } from './store.ts';

/** A problem was chosen for a task; a candidate is started, was left when the user stopped, has an outcome; or a task is done. */
const EntrySchema = v.object({
  task: v.string(),
  problem: v.optional(v.string()),
  start: v.optional(v.unknown()),
  left: v.optional(v.literal(true)),
  outcome: v.optional(v.unknown()),
  done: v.optional(v.literal(true)),
});

type Entry = v.InferOutput<typeof EntrySchema>;

/** What is known of a task from a run that did not come to its end. */
interface Progress {
  problem: string | undefined;
  readonly outcomes: Map<string, Outcome>;
  started: Candidate | undefined;
  done: boolean;
}

/**
 * The outcomes of a run of the tuner so far, so that the next run goes on after Ctrl-C, a page that was closed, a lost device, or a
 * crash of the process. A candidate that was started and has no outcome took the process with it, and is not tried again.
 */
export class Journal {
  readonly #store: TuningStore;
  readonly #gpu: string;
  readonly #tasks = new Map<string, Progress>();
  #current: string | undefined;

  private constructor(store: TuningStore, gpu: string) {
    this.#store = store;
    this.#gpu = gpu;
  }

  /**
   * What is kept of a GPU.
   *
   * @param fresh forgets it
   */
  static async open(store: TuningStore, gpu: string, fresh = false): Promise<Journal> {
    const journal = new Journal(store, gpu);
    if (fresh) await store.replaceEntries(gpu, []);
    for (const json of await store.readEntries(gpu)) {
      const entry = parseEntry(json);
      if (entry) journal.#apply(entry);
    }
    return journal;
  }

  /** The key of the problem that a task was begun with. */
  problem(task: string): string | undefined {
    return this.#tasks.get(task)?.problem;
  }

  /** Begins a task, or goes on with it; with another problem it begins anew. */
  async begin(task: string, problem: string): Promise<void> {
    if (this.problem(task) !== problem) await this.#append({ task, problem });
  }

  /** What is known of a task. */
  async outcomes(task: string): Promise<readonly Outcome[]> {
    const progress = this.#tasks.get(task);
    if (!progress) return [];
    const { started } = progress;
    if (started) {
      const crashed: Outcome = { ...started, result: 'crashed', reason: 'the process ended while it ran' };
      await this.#append({ task, outcome: crashed });
    }
    return [...progress.outcomes.values()];
  }

  /** Whether a task was done before the run was interrupted. */
  isDone(task: string): boolean {
    return this.#tasks.get(task)?.done ?? false;
  }

  async start(task: string, { kernel, config }: Candidate): Promise<void> {
    this.#current = task;
    await this.#append({ task, start: { kernel, config } });
  }

  async outcome(task: string, outcome: Outcome): Promise<void> {
    this.#current = undefined;
    await this.#append({ task, outcome });
  }

  /** The candidate in hand is left because the user said so: it did nothing wrong. */
  async leave(): Promise<void> {
    const task = this.#current;
    this.#current = undefined;
    if (task !== undefined) await this.#append({ task, left: true });
  }

  async done(task: string): Promise<void> {
    await this.#append({ task, done: true });
  }

  /** Forgets tasks, when the run that they belong to is through. */
  async forget(tasks: readonly string[]): Promise<void> {
    const entries = await this.#store.readEntries(this.#gpu);
    const rest = entries.filter((json) => {
      const entry = parseEntry(json);
      return entry !== undefined && !tasks.includes(entry.task);
    });
    await this.#store.replaceEntries(this.#gpu, rest);
  }

  #append(entry: Entry): Promise<void> {
    this.#apply(entry);
    return this.#store.appendEntry(this.#gpu, entry);
  }

  #apply(entry: Entry): void {
    let progress = this.#tasks.get(entry.task);
    if (!progress || entry.problem !== undefined)
      this.#tasks.set(entry.task, (progress = newProgress(entry.problem)));
    const outcome = parseOutcome(entry.outcome);
    if (outcome) progress.outcomes.set(candidateKey(outcome), outcome);
    progress.started = parseCandidate(entry.start);
    if (entry.done) progress.done = true;
  }
}

const newProgress = (problem: string | undefined): Progress => ({
  problem,
  outcomes: new Map(),
  started: undefined,
  done: false,
});

function parseEntry(json: unknown): Entry | undefined {
  const parsed = v.safeParse(EntrySchema, json);
  return parsed.success ? parsed.output : undefined;
}
