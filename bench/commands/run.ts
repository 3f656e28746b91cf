import { Option, type Command } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { chooseAdapter, interruptible, modeFromEnvironment, runWithAdapter } from '../../scripts/adapter.mjs';
import { createProgress } from '../report/progress.ts';
import { CommandError, EXIT, withGiven } from '../exitCodes.ts';

/** Adds `tilewise run`. */
export function registerRun(program: Command): void {
  program
    .command('run')
    .description(
      'run a program of yours in Node.js on the best adapter there is; where there is no GPU, a software adapter is set up',
    )
    .argument('<file>', 'the program, as for node')
    .argument('[args...]', 'what it is given')
    .addOption(new Option('--adapter <kind>', 'this kind only').choices(['hardware', 'software'] as const))
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Exit codes:
  2    a flag makes no sense
  3    there is no adapter, or not the one asked for
       else that of the program`,
    )
    .action(async (file, args, { adapter }) => {
      const progress = createProgress();
      const mode = adapter ?? withGiven(modeFromEnvironment);
      const choice = await interruptible((signal) =>
        chooseAdapter({
          mode,
          signal,
          onProgress: (line) => progress.line(line),
        }),
      );
      if (choice.warning !== null) progress.line(pc.yellow(choice.warning));
      if (choice.kind === 'none') {
        throw new CommandError(
          `${choice.summary}. \`npx tilewise doctor\` says what is missing`,
          EXIT.noAdapter,
        );
      }
      process.exitCode = await runWithAdapter(choice, [file, ...args]);
    });
}
