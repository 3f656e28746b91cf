import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { candidateKey } from '../../src/tuning/candidates.ts';
import { parseCandidate, parseOutcome } from '../../src/tuning/parseFile.ts';
import type { Candidate, Outcome } from '../../src/tuning/records.ts';

/** A line: a problem was chosen for a task; a candidate is started, was left when the user stopped, has an outcome; or a task is done. */
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
 * The outcomes of a run of the tuner so far, a line each, so that the next run goes on after Ctrl-C, a lost device, or a crash of
 * the process. A candidate that was started and has no outcome took the process with it, and is not tried again.
 */
export class Journal {
  readonly path: string;
  readonly #tasks = new Map<string, Progress>();
  #current: string | undefined;

  /** @param fresh forgets what is there */
  constructor(path: string, fresh = false) {
    this.path = path;
    if (fresh) rmSync(path, { force: true });
    for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
      const entry = parseEntry(line);
      if (entry) this.#apply(entry);
    }
  }

  /** The key of the problem that a task was begun with. */
  problem(task: string): string | undefined {
    return this.#tasks.get(task)?.problem;
  }

  /** Begins a task, or goes on with it; with another problem it begins anew. */
  begin(task: string, problem: string): void {
    if (this.problem(task) !== problem) this.#append({ task, problem });
  }

  /** What is known of a task. */
  outcomes(task: string): readonly Outcome[] {
    const progress = this.#tasks.get(task);
    if (!progress) return [];
    const { started } = progress;
    if (started) {
      const crashed: Outcome = { ...started, result: 'crashed', reason: 'the process ended while it ran' };
      this.#append({ task, outcome: crashed });
    }
    return [...progress.outcomes.values()];
  }

  /** Whether a task was done before the run was interrupted. */
  isDone(task: string): boolean {
    return this.#tasks.get(task)?.done ?? false;
  }

  start(task: string, candidate: Candidate): void {
    this.#current = task;
    this.#append({ task, start: { kernel: candidate.kernel, config: candidate.config } });
  }

  outcome(task: string, outcome: Outcome): void {
    this.#current = undefined;
    this.#append({ task, outcome });
  }

  /** The candidate in hand is left because the user said so: it did nothing wrong. */
  leave(): void {
    if (this.#current === undefined) return;
    this.#append({ task: this.#current, left: true });
    this.#current = undefined;
  }

  done(task: string): void {
    this.#append({ task, done: true });
  }

  /** Forgets tasks, when the run that they belong to is through. */
  forget(tasks: readonly string[]): void {
    if (!existsSync(this.path)) return;
    const rest = readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => {
        const entry = parseEntry(line);
        return entry !== undefined && !tasks.includes(entry.task);
      });
    if (rest.length === 0) rmSync(this.path);
    else writeFileSync(this.path, rest.map((line) => `${line}\n`).join(''));
  }

  #append(entry: Entry): void {
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
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

/** A process that is killed may leave half a line behind. */
function parseEntry(line: string): Entry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(EntrySchema, json);
  return parsed.success ? parsed.output : undefined;
}
