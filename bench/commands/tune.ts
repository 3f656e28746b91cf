import { InvalidArgumentError, Option, type Command } from '@commander-js/extra-typings';
import { ArgumentError, DeviceLostError } from '../../src/errors.ts';
import { TUNING_SCHEMA_VERSION, type TuningFile } from '../../src/tuning/records.ts';
import { formatTime } from '../report/format.ts';
import { createProgress, type Progress } from '../report/progress.ts';
import { candidateText, recordLine, renderFaults, renderRecords } from '../report/tuning.ts';
import { LLAMA_3_1_8B, workloadNames, type ModelShape } from '../suites/index.ts';
import { tune, type TuneProgress, type TuneResult } from '../tune/node.ts';
import { oneOf, wholeNumber } from './arguments.ts';
import { CommandError, EXIT, UsageError } from '../exitCodes.ts';
import { readModelShape } from './modelShape.ts';
import { findAdapter, openAdapter } from './openAdapter.ts';
import { openOutputs } from './outputs.ts';

/** `tilewise tune` as the command line gives it, checked. */
interface TuneCommandOptions {
  /** Operations or families; all unless given. */
  readonly ops: readonly string[];
  /** Sizes of problems, instead of the suite's. */
  readonly shapes: readonly (readonly number[])[];
  readonly model: ModelShape;
  readonly budgetMs: number;
  readonly adapter?: string | undefined;
  readonly checked: boolean;
  readonly json?: string | undefined;
  readonly seed: number;
  /** Forgets what an interrupted run found out. */
  readonly fresh: boolean;
}

/** Adds `tilewise tune`. */
export function registerTune(program: Command, signal: AbortSignal): void {
  program
    .command('tune')
    .description('find the fastest kernels and configs for this GPU; openDevice() then chooses by them')
    .argument('[op...]', 'operations or families (default: all)', oneOf(workloadNames()))
    .option(
      '--shapes <sizes...>',
      'sizes to tune for, joined by x: MxNxK of products, ROWSxCOLUMNS, QUERIESxKEYS of attention',
      shapes,
    )
    .option('--config <file>', "take shapes from a model's Hugging Face config.json (default: Llama-3.1-8B)")
    .addOption(
      new Option('--budget <time>', 'for all together, for instance 90s, 5m or 2h')
        .argParser(duration)
        .default(600_000, '10m'),
    )
    .option('--adapter <name>', 'hardware, software, or part of the name of an adapter')
    .option('--checked', "keep the driver's bounds checks on, as browsers do")
    .option(
      '--json <file>',
      'write the records as JSON, for openDevice({ tuning: FILE }); - for standard output',
    )
    .option('--seed <n>', 'seed of the random inputs and of the search', wholeNumber(0), 1)
    .option('--fresh', 'begin anew, not where an interrupted run left off')
    .addHelpText(
      'after',
      `
Exit codes:
  0    all well
  1    an unexpected error, or devices were lost again and again
  2    a flag makes no sense, or the budget is too small for one candidate
  3    there is no adapter, or not the one asked for
  4    a candidate's result was wrong: a defect of a kernel; it is passed over
  5    the output could not be written
  130  interrupted; the same command goes on from there`,
    )
    .action(async (ops, options) => {
      process.exitCode = await runTune(
        {
          ops: ops ?? [],
          shapes: options.shapes ?? [],
          model: options.config === undefined ? LLAMA_3_1_8B : readModelShape(options.config),
          budgetMs: options.budget,
          adapter: options.adapter,
          checked: options.checked ?? false,
          json: options.json,
          seed: options.seed,
          fresh: options.fresh ?? false,
        },
        signal,
      );
    });
}

/** Collects sizes like `4096x4096x4096`. */
function shapes(text: string, previous: readonly (readonly number[])[] = []): readonly (readonly number[])[] {
  const given = text.split(',').map((shape) => shape.trim().split('x').map(Number));
  for (const sizes of given) {
    if (sizes.length < 2 || !sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw new InvalidArgumentError('Expected sizes above 0 joined by x, for instance 4096x4096x4096.');
    }
  }
  return [...previous, ...given];
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3 };

/** Parses `90s`, `5m` or `2h` to milliseconds. */
function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text.trim()) ?? [];
  const ms = Number(number) * (UNITS_MS[unit ?? ''] ?? NaN);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('Expected a time with its unit, for instance 90s, 5m or 2h.');
}

const SOFTWARE_NOTICE =
  'This is a software adapter: its records serve itself, say nothing of a GPU, and never ship with the library.';

/**
 * `tilewise tune`: searches the spaces of an operation's kernels on this machine's adapter, and keeps a record of each class of
 * problems where `openDevice()` finds it.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
async function runTune(options: TuneCommandOptions, signal: AbortSignal): Promise<number> {
  const { json, stream, width } = openOutputs(options);
  const progress = createProgress();
  const choice = await findAdapter(options, progress);
  if (choice.kind === 'none') {
    throw new CommandError(`tune: needs a WebGPU adapter: ${choice.summary}`, EXIT.noAdapter);
  }
  const { ops, model, budgetMs, seed, fresh } = options;
  const open = () => openAdapter({ ...options, tuned: false }, choice, progress);
  const result = await runInterruptibly(progress, signal, () =>
    tune(open, {
      ops,
      shapes: options.shapes,
      model,
      budgetMs,
      seed,
      fresh,
      signal,
      onProgress: (done) => tell(done, progress),
    }),
  );
  if (result === undefined) return EXIT.interrupted;
  const { gpu, software, source, records, leftOut } = result;
  if (records.length === 0 && leftOut.every(({ why }) => why === 'time')) {
    throw new UsageError(
      `--budget: ${options.budgetMs / 1e3} s is too little for one candidate of anything; nothing was recorded. ` +
        'Give more, or name fewer operations',
    );
  }
  if (records.length > 0) stream.write(`\n${renderRecords(records, width)}\n`);
  const faults = renderFaults(records);
  if (faults !== '') stream.write(`\n${faults}\n`);
  if (software) stream.write(`\n${SOFTWARE_NOTICE}\n`);
  stream.write(`\nKept in ${source}: openDevice() on this adapter chooses by it from now on.\n`);
  json?.write({ schema: TUNING_SCHEMA_VERSION, gpu, records } satisfies TuningFile);
  const wrong = records.some(({ outcomes }) => outcomes.some((outcome) => outcome.result === 'wrong'));
  return wrong ? EXIT.wrong : EXIT.ok;
}

const KEPT = 'What was found out is kept; the same command goes on from there.';

/** What the run gives, or undefined where the user ended it. */
async function runInterruptibly(
  progress: Progress,
  signal: AbortSignal,
  run: () => Promise<TuneResult>,
): Promise<TuneResult | undefined> {
  try {
    return await run();
  } catch (error) {
    progress.stop();
    if (signal.aborted) {
      process.stderr.write(`\nInterrupted. ${KEPT}\n`);
      return undefined;
    }
    if (error instanceof ArgumentError) throw new UsageError(`--${error.message}`);
    if (error instanceof DeviceLostError) throw new CommandError(`${error.message} ${KEPT}`, EXIT.unexpected);
    throw error;
  } finally {
    progress.stop();
  }
}

/** What the tuner does, on a line that changes or one that stays. */
function tell(done: TuneProgress, progress: Progress): void {
  switch (done.kind) {
    case 'started': {
      const classes = done.classes === 1 ? '1 class' : `${done.classes} classes`;
      progress.line(`Tuning ${classes} of problems on ${done.gpu}; records go to ${done.source}`);
      break;
    }
    case 'sizing':
      progress.start(`${done.name}: finding a problem of a fitting size`);
      break;
    case 'trying': {
      const { name, number, candidateCount, best, candidate } = done;
      const sofar = best ? `, best so far ${formatTime(best.median)}` : '';
      progress.start(`${name}: ${number} of ${candidateCount}${sofar}: ${candidateText(candidate)}`);
      break;
    }
    case 'comparing':
      progress.start(`${done.name}: comparing the best ${done.candidates.length} in turns`);
      break;
    case 'tuned':
      progress.line(recordLine(done.record));
      break;
    case 'leftOut':
      progress.line(`left out: ${done.name}: ${done.reason}`);
      break;
  }
}
