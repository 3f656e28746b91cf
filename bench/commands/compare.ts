import { InvalidArgumentError, type Command } from '@commander-js/extra-typings';
import { adapterName } from '../compare/machines.ts';
import { compareResults, hasRegression, SIGNIFICANCE } from '../compare/compareResults.ts';
import { renderChanges } from '../report/changes.ts';
import { SCHEMA_VERSION, type BenchResult } from '../schema.ts';
import { EXIT } from '../exitCodes.ts';
import { openOutputs } from './outputs.ts';
import { readResultsFile } from './resultsFile.ts';

/** `tilewise compare` as the command line gives it. */
interface CompareCommandOptions {
  /** Files that `tilewise bench --json` wrote. */
  readonly before: string;
  readonly after: string;
  readonly thresholdPercent: number;
  readonly json?: string | undefined;
}

/** Adds `tilewise compare`. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .description('tell what got faster or slower between two files of `tilewise bench --json`, beyond noise')
    .argument('<before>', 'the first file')
    .argument('<after>', 'the second file')
    .option('--threshold <percent>', 'differences of medians below this do not count', percent, 5)
    .option('--json <file>', 'write everything as JSON; - for standard output')
    .addHelpText(
      'after',
      `
Exit codes:
  0    nothing got slower beyond noise
  1    an unexpected error
  2    a flag or an input file makes no sense
  5    the output could not be written
  6    something got slower beyond noise, wrong, or does not run any more
  7    the files say nothing of each other: different GPUs, or no row in common`,
    )
    .action((before, after, { threshold, json }) => {
      process.exitCode = runCompare({ before, after, thresholdPercent: threshold, json });
    });
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1000) return value;
  throw new InvalidArgumentError('Expected a percentage of at least 0.');
}

/**
 * Prints, and writes if asked to, what two runs say of each other.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
function runCompare({ before, after, thresholdPercent, ...options }: CompareCommandOptions): number {
  const { json, stream, width } = openOutputs(options);
  const results = [before, after].map((file) => readResultsFile(file)) as [BenchResult, BenchResult];
  const changes = compareResults(...results, { thresholdPercent });
  const heads = results.map((result, index) => {
    const { adapter, createdAt, versions } = result;
    const file = index === 0 ? before : after;
    return `${index === 0 ? 'before' : 'after '}  ${file}: ${adapterName(adapter)}, ${createdAt}, tilewise ${versions.tilewise}`;
  });
  stream.write(`${heads.join('\n')}\n\n`);
  stream.write(`${renderChanges(changes, { thresholdPercent, width })}\n`);
  json?.write({
    schema: SCHEMA_VERSION,
    before: { file: before, createdAt: results[0].createdAt, adapter: adapterName(results[0].adapter) },
    after: { file: after, createdAt: results[1].createdAt, adapter: adapterName(results[1].adapter) },
    thresholdPercent,
    significance: SIGNIFICANCE,
    ...changes,
  });
  if (changes.incomparable !== null || changes.rows.length === 0) return EXIT.incomparable;
  return hasRegression(changes) ? EXIT.regression : EXIT.ok;
}
