import { InvalidArgumentError, Option, type Command } from '@commander-js/extra-typings';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../catalog/index.ts';
import { BUNDLE, chooseMachines, ENGINES, type FleetFile, type FleetMachine } from '../fleet/index.ts';
import { renderTable, widthOf } from '../report/table.ts';
import { PROVIDERS } from './arguments.ts';
import { CommandError, EXIT, EXIT_HELP, UsageError } from '../exitCodes.ts';

/** `tilewise fleet` as the command line gives it. */
interface FleetOptions {
  readonly provider: string;
  readonly accelerator: string;
  readonly instances?: readonly string[] | undefined;
  readonly engine: string;
  readonly out: string;
  readonly peers: boolean;
  readonly spot: boolean;
}

/** Adds `tilewise fleet`. */
export function registerFleet(program: Command): void {
  program
    .command('fleet')
    .description('write what runs the benchmark on many instance types at once, on an engine that you have')
    .requiredOption('--provider <name>', 'whose instance types', knownAs('provider', PROVIDERS))
    .requiredOption('--accelerator <name>', 'with this accelerator, for instance h100')
    .option('--instance <type...>', 'these instance types only')
    .requiredOption(
      '--engine <name>',
      'skypilot, kubernetes or aws-batch',
      knownAs('engine', Object.keys(ENGINES)),
    )
    .option('--out <folder>', 'where to write', 'fleet')
    .option('--peers', 'compare with other libraries instead')
    .addOption(new Option('--spot', 'on machines that may be taken away (SkyPilot)'))
    .addHelpText('after', `\n${EXIT_HELP}`)
    .action(({ instance, peers, spot, ...rest }) => {
      process.exitCode = runFleet({
        ...rest,
        instances: instance,
        peers: peers ?? false,
        spot: spot ?? false,
      });
    });
}

function knownAs(what: string, known: readonly string[]): (text: string) => string {
  return (text) => {
    if (known.includes(text)) return text;
    throw new InvalidArgumentError(
      `There is no such ${what}. Did you mean ${nearest(text, known, 3).join(', ')}?`,
    );
  };
}

/**
 * Writes an engine's files for the instance types asked for.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
function runFleet({ provider, accelerator, instances, engine, out, peers, spot }: FleetOptions): number {
  if (spot && engine !== 'skypilot') {
    throw new UsageError(
      `--spot: with ${engine} the cluster's or the queue's own settings decide; it is for skypilot`,
    );
  }
  const args = peers ? ['--peers'] : ['--full', '--no-estimates'];
  let machines: readonly FleetMachine[];
  let files: readonly FleetFile[];
  try {
    machines = chooseMachines({ provider, accelerator, instanceTypes: instances });
    files = ENGINES[engine]!(machines, { args, spot });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
  write(out, files);
  const table = renderTable<FleetMachine>(
    [
      { header: 'instance type', cell: ({ instance }) => instance.instanceType },
      {
        header: 'accelerators',
        cell: ({ instance, accelerator: { name } }) => `${instance.acceleratorCount ?? '?'} x ${name}`,
      },
      {
        header: 'USD/h on demand',
        align: 'right',
        cell: ({ instance: { onDemandUsdPerHour: usd } }) => usd?.toFixed(2) ?? 'unknown',
      },
      { header: 'file', cell: ({ name }) => files.find((file) => file.name.startsWith(`${name}.`))!.name },
    ],
    machines,
    widthOf(process.stdout),
  );
  process.stdout.write(
    `${table}\n\nWritten to ${out}. Nothing has been started yet; this starts, and costs, all of them at once:\n\n` +
      `  npm run bundle -- --out ${join(out, BUNDLE)}${peers ? ' --peers' : ''}   # in a clone of the repository\n` +
      `  ${engine === 'aws-batch' ? 'S3=s3://BUCKET/FOLDER ' : ''}sh ${join(out, 'run.sh')}\n` +
      `  npx tilewise report ${join(out, 'results')}/*.json --html report.html\n`,
  );
  return EXIT.ok;
}

function write(folder: string, files: readonly FleetFile[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const { name, text, executable } of files) {
      const path = join(folder, name);
      writeFileSync(path, text);
      if (executable) chmodSync(path, 0o755);
    }
  } catch (error) {
    throw new CommandError(
      `--out ${folder}: cannot be written (${(error as Error).message})`,
      EXIT.unwritable,
    );
  }
}
