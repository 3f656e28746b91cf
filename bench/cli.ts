import { Argument, Command, CommanderError, Help, Option } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { oneOf, positive, PROVIDERS, wholeNumber } from './commands/arguments.ts';
import { runBench } from './commands/bench.ts';
import { registerCatalog } from './commands/catalog.ts';
import { registerCompare } from './commands/compare.ts';
import { registerEstimate } from './commands/estimate.ts';
import { CommandError, EXIT, EXIT_HELP, UsageError } from './exitCodes.ts';
import { registerFleet } from './commands/fleet.ts';
import { readModelShape } from './commands/modelShape.ts';
import { registerPlan } from './commands/plan.ts';
import { registerReport } from './commands/report.ts';
import { registerRun } from './commands/run.ts';
import { registerTune } from './commands/tune.ts';
import { VERSION } from './commands/version.ts';
import { runDoctor } from './doctor/index.ts';
import { PEER_COMMAND, PEER_NAMES, runPeer } from './peers/index.ts';
import { workloadNames } from './suites/index.ts';

const interrupted = new AbortController();

const program = new Command('tilewise')
  .description('GPU compute kernels on WebGPU: what they do on this machine, and what they cost on others.')
  .version(VERSION)
  .configureHelp({
    optionDescription: (option) =>
      `${Help.prototype.optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
  })
  .showHelpAfterError('(--help shows what there is)')
  // `run` leaves options behind the program's name to the program.
  .enablePositionalOptions()
  .exitOverride();

program
  .command('bench')
  .description('measure the kernels on the best adapter there is, and estimate what cloud instances yield')
  .addArgument(
    new Argument('[part]', 'the ceilings alone, over more working sets').choices(['ceilings'] as const),
  )
  .addOption(new Option('--quick', 'within a minute, on a machine without a GPU too').conflicts('full'))
  .option('--full', 'more shapes, more samples: up to 25 minutes')
  .option(
    '--config <file>',
    "take the shapes from a model's Hugging Face config.json (default: Llama-3.1-8B)",
  )
  .option(
    '--only <op...>',
    "only these operations or families; overhead for none, but the host's time",
    oneOf([...workloadNames(), 'overhead']),
  )
  .option(
    '--json [file]',
    'write everything as JSON; - for standard output, tables then go to standard error (default: named after the GPU, its driver and the day)',
  )
  .option('--adapter <name>', 'hardware, software, cpu, or part of the name of an adapter')
  .option(
    '--peers [name...]',
    'instead, compare with other libraries, all of them unless named, in turns on the same adapter',
    oneOf(PEER_NAMES),
  )
  .option('--checked', "keep the driver's bounds checks on, as browsers do")
  .option(
    '--instance <type>',
    'the cloud instance this is, TYPE or PROVIDER:TYPE, where it cannot be found out',
  )
  .option('--provider <name...>', 'estimate these providers only', oneOf(PROVIDERS))
  .option('--no-estimates', 'leave the estimates out')
  .option('--top <n>', 'estimates shown of each workload', wholeNumber(0), 5)
  .option('--seed <n>', 'seed of the random inputs', wholeNumber(0), 1)
  .option(
    '--budget <seconds>',
    'time for all measurements; rows that do not fit are made smaller or left out',
    positive,
  )
  .addHelpText('after', `\n${EXIT_HELP}`)
  .action(async (part, options) => {
    process.exitCode = await runBench(
      {
        ceilingsOnly: part === 'ceilings',
        extent: options.quick ? 'quick' : options.full ? 'full' : 'default',
        model: options.config === undefined ? undefined : readModelShape(options.config),
        only: options.only,
        json: options.json,
        adapter: options.adapter,
        checked: options.checked ?? false,
        peers: options.peers === true ? PEER_NAMES : options.peers,
        instance: options.instance,
        providers: options.provider,
        estimates: options.estimates,
        top: options.top,
        seed: options.seed,
        budgetSeconds: options.budget,
      },
      interrupted.signal,
    );
  });

registerEstimate(program);
registerPlan(program);
registerTune(program, interrupted.signal);
registerCatalog(program);
registerCompare(program);
registerReport(program);
registerFleet(program);
registerRun(program);

program
  .command(PEER_COMMAND, { hidden: true })
  .argument('<name>')
  .action((name) => runPeer(name));

program
  .command('doctor')
  .description('tell what keeps a GPU from being used, and the command that mends it')
  .option('--json', 'as JSON')
  .addHelpText(
    'after',
    `
Exit codes:
  0    a hardware adapter works
  1    an unexpected error
  2    a flag makes no sense
  3    a software adapter only
  4    no adapter
  5    Dawn does not run here`,
  )
  .action(async ({ json }) => {
    process.exitCode = await runDoctor(json ? { json } : {});
  });

function reportAndChooseExitCode(error: unknown): number {
  if (interrupted.signal.aborted) {
    process.stderr.write('\nInterrupted: nothing was written.\n');
    return EXIT.interrupted;
  }
  // Commander has printed its own message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const say = (text: string): void => void process.stderr.write(`${pc.red('error:')} ${text}\n`);
  if (error instanceof CommandError) {
    say(error.message);
    if (error instanceof UsageError) process.stderr.write('(--help shows what there is)\n');
    return error.exitCode;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.unexpected;
}

process.on('SIGINT', () => {
  // The second Ctrl-C does not wait for the row in hand.
  if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
  interrupted.abort(new Error('interrupted'));
});
// Whoever reads only the first lines has what he wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportAndChooseExitCode(error);
}
