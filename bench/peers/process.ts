import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Answer, Answers, Request } from './protocol.ts';

/** The program that a peer runs in. */
export interface PeerCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The library does not have what was asked for; the message is `no f16` or the like. */
export class PeerLacks extends Error {}

/** A peer's process could not be started, ended, did not answer in time, or answered with an error. */
export class PeerFailure extends Error {}

/** The longest that a peer may take to answer: a first compilation on a busy machine takes a while. */
const LONGEST_ANSWER_MS = 180_000;

/** A process that runs a library, and answers one request after the other. */
export class PeerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #lastError = '';
  #alive = true;

  constructor({ file, args }: PeerCommand) {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() !== '' && !line.startsWith('Warning:')) this.#lastError = line.trim();
    });
    // Whoever is gone does not read; `ask` says so.
    child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ENOENT' ? `there is no program ${file}` : error.message),
      );
      child.on('close', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    void this.#ended.then(() => (this.#alive = false));
  }

  /** Whether it can be asked anything. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * @throws PeerLacks where the library does not have it; PeerFailure for everything else. A process that did not answer in
   * time or as agreed is killed.
   */
  async ask<Kind extends Request['do']>(
    request: Extract<Request, { do: Kind }>,
    longestMs = LONGEST_ANSWER_MS,
  ): Promise<Answers[Kind]> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = await this.#answer(longestMs);
    if ('ok' in answer) return answer.ok as Answers[Kind];
    if ('notOffered' in answer) throw new PeerLacks(answer.notOffered);
    throw new PeerFailure(firstLine(answer.error));
  }

  /** Ends the process. */
  close(): void {
    this.#alive = false;
    this.#child.kill('SIGKILL');
  }

  async #answer(longestMs: number): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), longestMs);
    });
    const line = await Promise.race([this.#lines.next(), late]).finally(() => clearTimeout(timer));
    if (line === 'late') {
      this.close();
      throw new PeerFailure(`no answer within ${longestMs / 1000} s`);
    }
    if (line.done) {
      const how = await this.#ended;
      throw new PeerFailure(this.#lastError === '' ? how : `${how}: ${firstLine(this.#lastError)}`);
    }
    try {
      return JSON.parse(line.value) as Answer;
    } catch {
      this.close();
      throw new PeerFailure(`it said ${JSON.stringify(line.value.slice(0, 80))}, which is no answer`);
    }
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
