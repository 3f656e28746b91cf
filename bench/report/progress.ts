import ora from 'ora';

/** Tells the user on standard error what goes on: a spinner on a terminal, plain lines elsewhere. */
export interface Progress {
  /** What is being done now. */
  start(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Ends the line of `start`. */
  stop(): void;
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) {
    return {
      start: () => undefined,
      line: (text) => void stream.write(`${text}\n`),
      stop: () => undefined,
    };
  }
  // Ctrl-C is the command's to handle: ora must not swallow it.
  const spinner = ora({ stream, discardStdin: false, hideCursor: false });
  return {
    start: (text) => void spinner.start(text),
    line(text) {
      spinner.stop();
      stream.write(`${text}\n`);
    },
    stop: () => void spinner.stop(),
  };
}
