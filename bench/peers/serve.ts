import { NotOffered, type OpenPeer, type Peer, type Prepared } from './peer.ts';
import { receiveOperand, sendValues, type Answer, type Answers, type Request } from './protocol.ts';

/** The peer's side of the protocol: opens the library when it is asked to, and does one request after the other. */
export async function servePeer(
  open: OpenPeer,
  lines: AsyncIterable<string>,
  write: (line: string) => void,
): Promise<void> {
  const session = new Session(open);
  for await (const line of lines) {
    const answer = await session.answer(JSON.parse(line) as Request).catch(whyNot);
    write(`${JSON.stringify(answer)}\n`);
  }
}

function whyNot(error: unknown): Answer {
  if (error instanceof NotOffered) return { notOffered: error.message };
  return { error: error instanceof Error ? error.message : String(error) };
}

type Handlers = {
  readonly [Kind in Request['do']]: (request: Extract<Request, { do: Kind }>) => Promise<Answers[Kind]>;
};

class Session {
  readonly #open: OpenPeer;
  #peer: Peer | undefined;
  #prepared: Prepared | undefined;

  constructor(open: OpenPeer) {
    this.#open = open;
  }

  async answer(request: Request): Promise<Answer> {
    return { ok: await this.#handle[request.do](request as never) };
  }

  readonly #handle: Handlers = {
    open: async ({ settings }) => {
      this.#peer = await this.#open(settings);
      const { version, device } = this.#peer;
      return { version, device: device ?? null };
    },
    prepare: async ({ task, operands }) => {
      if (!this.#peer) throw new Error('the library has not been opened');
      await this.#dispose();
      this.#prepared = await this.#peer.prepare(task, operands.map(receiveOperand));
      return {};
    },
    time: ({ repeats }) => time(this.#ready(), repeats),
    read: async ({ positions }) => ({ values: sendValues(await this.#ready().read(), positions) }),
    dispose: async () => {
      await this.#dispose();
      return {};
    },
  };

  #ready(): Prepared {
    if (!this.#prepared) throw new Error('no task has been prepared');
    return this.#prepared;
  }

  async #dispose(): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    await prepared?.dispose();
  }
}

/** Starts runs one after the other and waits for the last of them. */
export async function time(
  prepared: Pick<Prepared, 'start' | 'finish'>,
  repeats: number,
): Promise<{ readonly durationNs: number; readonly runs: number }> {
  const start = performance.now();
  const runs = await prepared.start(repeats);
  await prepared.finish();
  return { durationNs: (performance.now() - start) * 1e6, runs };
}
