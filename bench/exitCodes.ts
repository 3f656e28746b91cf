/** What the commands end with. `doctor` has codes of its own. */
export const EXIT = {
  ok: 0,
  /** Something unforeseen: a defect of this program, or a device that was lost. */
  unexpected: 1,
  /** A flag or a file given makes no sense. */
  usage: 2,
  /** The adapter asked for is not there. */
  noAdapter: 3,
  /** A result was wrong, or a kernel failed to run. */
  wrong: 4,
  /** The output could not be written. */
  unwritable: 5,
  /** `compare`: something got slower beyond noise, or wrong. */
  regression: 6,
  /** `compare`: the files say nothing of each other. */
  incomparable: 7,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export const EXIT_HELP = `Exit codes:
  0    all well
  1    an unexpected error
  2    a flag or an input file makes no sense
  3    the adapter asked for is not there
  4    a result was wrong, or a kernel failed
  5    the output could not be written
  130  interrupted; nothing was written`;

/** Ends the command with a message for the user and no stack. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = new.target.name;
    this.exitCode = exitCode;
  }
}

/** What the user gave makes no sense. */
export class UsageError extends CommandError {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/**
 * Hands what the user gave to the library: what that refuses is the user's to mend.
 *
 * @param named how the user gave it, where the library's messages do not say
 */
export function withGiven<Result>(use: () => Result, named = ''): Result {
  try {
    return use();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${named}${error.message}`);
    throw error;
  }
}
