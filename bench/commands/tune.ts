import { InvalidArgumentError, Option, type Command } from '@commander-js/extra-typings';
import pc from 'picocolors';
import { DeviceLostError, tuningPath, type Device, type GpuDevice } from '../../src/node.ts';
import {
  gpuKey,
  TUNING_SCHEMA_VERSION,
  type TuningFile,
  type TuningRecord,
} from '../../src/tuning/records.ts';
import { detectClockStep } from '../measure/clock.ts';
import { createProgress } from '../report/progress.ts';
import { recordLine, renderFaults, renderRecords } from '../report/tuning.ts';
import {
  allWorkloads,
  LLAMA_3_1_8B,
  readModelShape,
  workloadNames,
  workloadsNamed,
  type ModelShape,
  type Workload,
} from '../suites/index.ts';
import { Journal } from '../tune/journal.ts';
import { keepRecord } from '../tune/recordFile.ts';
import { taskKey, workloadsToTune } from '../tune/tasks.ts';
import { tuneAll, type LeftOut } from '../tune/tuneAll.ts';
import { oneOf, wholeNumber } from './arguments.ts';
import { CommandError, EXIT, UsageError } from './exitCodes.ts';
import { findAdapter, openAdapter } from './openAdapter.ts';
import { openOutputs } from './outputs.ts';
import { minSampleNs } from './profile.ts';

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

/** Steps of the CPU path that the check of a candidate may take. */
const MAX_CHECK_STEPS = 1e7;

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
  const reopen = async (): Promise<GpuDevice> =>
    asGpu(await openAdapter({ ...options, tuned: false }, choice, progress));
  let device = await reopen();
  const { capabilities } = device;
  const gpu = gpuKey(capabilities.adapter);
  const path = tuningPath(gpu);
  const journal = new Journal(path.replace(/\.json$/, '.unfinished.ndjson'), options.fresh);
  const leaveOnExit = (): void => journal.leave();
  process.on('exit', leaveOnExit);
  const records: TuningRecord[] = [];
  const leftOut: LeftOut[] = [];
  try {
    const workloads = wanted(options, capabilities.f16);
    stream.write(`${introduction(device, workloads, path)}\n`);
    if (capabilities.software) progress.line(pc.yellow(SOFTWARE_NOTICE));
    const clockStepNs = await detectClockStep(device);
    device = await tuneAll(device, workloads, {
      deadlineMs: performance.now() + options.budgetMs,
      seed: options.seed,
      maxCheckSteps: MAX_CHECK_STEPS,
      minSampleNs: minSampleNs(clockStepNs ?? 0),
      signal,
      journal,
      reopen,
      onProgress: (text) => progress.start(text),
      onRecord(record) {
        keepRecord(path, record);
        records.push(record);
        progress.line(recordLine(record));
      },
      onLeftOut(left) {
        leftOut.push(left);
        progress.line(`left out: ${left.name}: ${left.reason}`);
      },
    });
    journal.forget(workloads.map((workload) => taskKey(device, workload)));
  } catch (error) {
    progress.stop();
    journal.leave();
    const kept = `What was found out is kept in ${journal.path}; the same command goes on from there.`;
    if (signal.aborted) {
      process.stderr.write(`\nInterrupted. ${kept}\n`);
      return EXIT.interrupted;
    }
    if (!(error instanceof DeviceLostError)) throw error;
    throw new CommandError(`${error.message} ${kept}`, EXIT.unexpected);
  } finally {
    progress.stop();
    process.off('exit', leaveOnExit);
    device.destroy();
  }
  if (records.length === 0 && leftOut.every(({ why }) => why === 'time')) {
    throw new UsageError(
      `--budget: ${options.budgetMs / 1e3} s is too little for one candidate of anything; nothing was recorded. ` +
        'Give more, or name fewer operations',
    );
  }
  if (records.length > 0) stream.write(`\n${renderRecords(records, width)}\n`);
  const faults = renderFaults(records);
  if (faults !== '') stream.write(`\n${faults}\n`);
  if (capabilities.software) stream.write(`\n${SOFTWARE_NOTICE}\n`);
  stream.write(`\nKept in ${path}: openDevice() on this adapter chooses by it from now on.\n`);
  json?.write({ schema: TUNING_SCHEMA_VERSION, gpu, records } satisfies TuningFile);
  const wrong = records.some(({ outcomes }) => outcomes.some(({ result }) => result === 'wrong'));
  return wrong ? EXIT.wrong : EXIT.ok;
}

function asGpu(device: Device): GpuDevice {
  if (device.backend === 'webgpu') return device;
  throw new CommandError('tune: needs a WebGPU adapter; the CPU path has nothing to tune', EXIT.noAdapter);
}

/** The workloads to tune for: those named, at the sizes given, one a class of problems. */
function wanted({ ops, shapes, model }: TuneCommandOptions, f16: boolean): readonly Workload[] {
  const named = workloadsNamed(allWorkloads(model, f16, 'full'), ops);
  if (shapes.length === 0) return workloadsToTune(named);
  const resized = named.flatMap((workload) => shapes.flatMap((sizes) => atSizes(workload, sizes) ?? []));
  if (resized.length === 0) {
    const known = [...new Set(named.flatMap(({ op, sized }) => (sized ? [`${op}: ${sized.sizes}`] : [])))];
    throw new UsageError(`--shapes: no operation takes these sizes; they are ${known.join('; ')}`);
  }
  return workloadsToTune(resized);
}

/** A workload at these sizes and no others, or undefined where it has more or fewer sizes. */
function atSizes(workload: Workload, sizes: readonly number[]): Workload | undefined {
  const { sized } = workload;
  if (sized?.sizes.split(' x ').length !== sizes.length) return undefined;
  return { ...workload, problems: [sized.problem(sizes)], shapeText: () => sizes.join(' x ') };
}

function introduction({ capabilities }: GpuDevice, workloads: readonly Workload[], path: string): string {
  const { vendor, device, description } = capabilities.adapter;
  const classes = workloads.length === 1 ? '1 class' : `${workloads.length} classes`;
  return `Tuning ${classes} of problems on ${[vendor, device].filter(Boolean).join(' ')} (${description}); records go to ${path}`;
}
