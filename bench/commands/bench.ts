import pc from 'picocolors';
import { withBestAdapter } from '../../scripts/adapter.mjs';
import { DeviceLostError, DeviceUnavailableError, openDevice, type Device } from '../../src/node.ts';
import { describeMachine, detectInstance, type DetectedInstance } from '../machine/index.ts';
import { measureCeilings, type Ceiling } from '../measure/ceilings.ts';
import { WrongResult } from '../measure/check.ts';
import { detectClockStep } from '../measure/clock.ts';
import { measureHost, type HostTime } from '../measure/host.ts';
import { renderEstimates } from '../report/estimates.ts';
import { openJsonTarget, type JsonTarget } from '../report/jsonFile.ts';
import { adapterRow, machineRow, renderFound } from '../report/machine.ts';
import {
  isSound,
  measurementLine,
  renderCeilings,
  renderHost,
  renderLeftOut,
  renderMeasurements,
} from '../report/measurements.ts';
import { createProgress, type Progress } from '../report/progress.ts';
import { widthOf } from '../report/table.ts';
import {
  SCHEMA_VERSION,
  type BenchResult,
  type CeilingRow,
  type HostRow,
  type LeftOutRow,
} from '../schema.ts';
import { allWorkloads, LLAMA_3_1_8B, type ModelShape, type Workload } from '../suites/index.ts';
import { runWorkloads } from '../suites/runWorkloads.ts';
import { estimateWorkloads } from './estimates.ts';
import { CommandError, EXIT } from './exitCodes.ts';
import { PROFILES, samplingFor } from './profile.ts';
import { VERSION, webgpuVersion } from './version.ts';
import type { Extent } from '../suites/index.ts';

/** `tilewise bench` as the command line gives it, checked. */
export interface BenchOptions {
  readonly extent: Extent;
  readonly model?: ModelShape | undefined;
  /** Operations or families; all unless given. */
  readonly only?: readonly string[] | undefined;
  /** A path, or `-`. */
  readonly json?: string | undefined;
  /** `hardware`, `software`, `cpu`, or part of an adapter's name. */
  readonly adapter?: string | undefined;
  readonly checked: boolean;
  readonly instance?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  /** Estimates shown of each workload. */
  readonly top: number;
  readonly seed: number;
  /** Instead of the profile's own. */
  readonly budgetSeconds?: number | undefined;
}

/**
 * `tilewise bench`: finds the adapter, measures its ceilings, checks and times the operations, and estimates what
 * instance types yield.
 *
 * @returns the exit code
 * @throws CommandError for what the user can mend
 */
export async function runBench(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const json = options.json === undefined ? undefined : openJsonTarget(options.json);
  const progress = createProgress();
  const mode = adapterMode(options.adapter);
  const choice = await withBestAdapter({
    ...(mode && { mode }),
    onProgress: (line) => progress.line(line),
  });
  if (choice.warning !== null) progress.line(pc.yellow(choice.warning));
  const device = await open(options, choice, progress);
  try {
    const result = await measureAll(device, options, progress, signal);
    print(result, options, json);
    return isSound(result) ? EXIT.ok : EXIT.wrong;
  } catch (error) {
    if (!(error instanceof DeviceLostError)) throw error;
    throw new CommandError(`${error.message} Nothing was written.`, EXIT.unexpected);
  } finally {
    progress.stop();
    device.destroy();
  }
}

function adapterMode(adapter: string | undefined): 'auto' | 'hardware' | 'software' | 'none' | undefined {
  if (adapter === 'hardware' || adapter === 'software') return adapter;
  if (adapter === 'cpu') return 'none';
  return adapter === undefined ? undefined : 'auto';
}

/** What `withBestAdapter` found. */
type AdapterChoice = Awaited<ReturnType<typeof withBestAdapter>>;

async function open(options: BenchOptions, choice: AdapterChoice, progress: Progress): Promise<Device> {
  const { adapter, checked } = options;
  const demanded = adapter !== undefined && adapter !== 'cpu';
  if (choice.kind === 'none') {
    if (demanded) throw new CommandError(`--adapter ${adapter}: ${choice.summary}`, EXIT.noAdapter);
    if (adapter !== 'cpu') {
      progress.line(
        pc.yellow(`There is no WebGPU adapter (${choice.summary}): everything runs on the CPU path.`),
      );
      progress.line('`npx tilewise doctor` says what is missing and names the command that mends it.');
    }
    return openDevice({ backend: 'cpu' });
  }
  const isName = demanded && adapter !== 'hardware' && adapter !== 'software';
  try {
    return await openDevice({ checked, ...(isName && { adapter }) });
  } catch (error) {
    if (!(error instanceof DeviceUnavailableError)) throw error;
    // The library's advice is for programs.
    const message = error.message.replace('use { backend: "cpu" }', 'give --adapter cpu');
    throw new CommandError(message, EXIT.noAdapter);
  }
}

async function measureAll(
  device: Device,
  options: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BenchResult> {
  const startMs = performance.now();
  const profile = PROFILES[options.extent];
  const budgetMs = options.budgetSeconds === undefined ? profile.budgetMs : options.budgetSeconds * 1e3;
  const { model = LLAMA_3_1_8B, seed } = options;
  const caps = device.capabilities;
  const versions = { tilewise: VERSION, webgpu: webgpuVersion(), node: process.version };

  const [machine, instance] = await Promise.all([
    describeMachine(),
    detectInstance({ instance: options.instance }),
  ]);
  const clockStepNs = await detectClockStep(device);
  const adapter = adapterRow(caps, clockStepNs);
  const machineFacts = machineRow(machine, instance);
  tableStream(options).write(`${renderFound(machineFacts, adapter, versions, instance.message)}\n`);

  const clock = { software: caps.software, clockStepNs: clockStepNs ?? 0 };
  const sampling = (rowMs: number, firstRunNs: number): ReturnType<typeof samplingFor> =>
    samplingFor(profile, clock, rowMs, firstRunNs, signal);
  const { ceilings, failures } = await measureCeilings(device, {
    quick: profile.extent === 'quick',
    // A tenth of the time for about ten ceilings, each in one or two ways.
    sampling: (firstRunNs) => sampling(budgetMs / 100, firstRunNs),
    maxCheckSteps: profile.maxCheckSteps,
    signal,
    onStart: (name) => progress.start(`ceiling: ${name}`),
  });
  progress.start('host time');
  const failed = failures.map(({ name, reason }) => failure('ceiling', name, reason));
  const host: HostTime[] = [];
  try {
    host.push(...(await measureHost(device, { samples: profile.hostSamples, maxMs: budgetMs / 40, signal })));
  } catch (error) {
    if (!(error instanceof WrongResult)) throw error;
    failed.push(failure('host time', '', error.message));
  }

  const workloads = allWorkloads(model, caps.f16, profile.extent);
  const chosen = workloads.filter((workload) => isWanted(workload, options.only));
  const { measurements, leftOut } = await runWorkloads(device, chosen, {
    ceilings,
    deadlineMs: startMs + budgetMs,
    seed,
    maxCheckSteps: profile.maxCheckSteps,
    minSamples: profile.minSamples,
    sampling,
    signal,
    onStart: (name) => progress.start(name),
    onMeasured: (row) => progress.line(measurementLine(row)),
  });
  progress.stop();
  const { rows, notices } = estimateWorkloads({
    workloads: allWorkloads(model, true, profile.extent).filter((workload) =>
      isWanted(workload, options.only),
    ),
    run: { adapter: { ...caps.adapter, software: caps.software }, ...placeOf(instance), measurements },
    providers: options.providers,
  });
  return {
    schema: SCHEMA_VERSION,
    createdAt: new Date().toISOString(),
    versions,
    machine: machineFacts,
    adapter,
    run: {
      model: { ...model },
      extent: profile.extent,
      seed,
      durationSeconds: (performance.now() - startMs) / 1e3,
    },
    ceilings: ceilings.map(toCeilingRow),
    measurements: [...measurements],
    leftOut: [...failed, ...leftOut],
    host: host.map(toHostRow),
    estimates: [...rows],
    notices: [...notices],
  };
}

/** Whether `--only` names the workload's operation or its family. */
function isWanted({ op, family }: Workload, only: readonly string[] | undefined): boolean {
  return only === undefined || only.includes(op) || only.includes(family);
}

function placeOf({ provider, instanceType }: DetectedInstance): {
  readonly provider: string | undefined;
  readonly instanceType: string | undefined;
} {
  return { provider, instanceType };
}

function failure(op: string, label: string, reason: string): LeftOutRow {
  return { op, label, shapeText: '', dtype: '', reason, failed: true };
}

function toCeilingRow({ check, ...ceiling }: Ceiling): CeilingRow {
  return { ...ceiling, checked: check };
}

function toHostRow({ targetMicroseconds, ...time }: HostTime): HostRow {
  return { ...time, targetMicroseconds: targetMicroseconds ?? null };
}

/** Standard output, unless that is taken by the JSON. */
function tableStream({ json }: BenchOptions): NodeJS.WriteStream {
  return json === '-' ? process.stderr : process.stdout;
}

function print(result: BenchResult, options: BenchOptions, json: JsonTarget | undefined): void {
  const stream = tableStream(options);
  const width = widthOf(stream);
  const { machine, measurements, leftOut, adapter, ceilings, host, estimates, notices } = result;
  const { provider, instanceType } = machine.instance;
  const here = provider !== null && instanceType !== null ? { provider, instanceType } : undefined;
  const sections = [
    renderCeilings(ceilings, width),
    renderMeasurements(measurements, width),
    renderLeftOut(leftOut),
    adapter.software && adapter.backend === 'webgpu'
      ? 'These are times of a software adapter: they show that the kernels work, not how fast any GPU is.'
      : '',
    renderHost(host, width),
    renderEstimates({ rows: estimates, notices, top: options.top, here }, width),
  ];
  stream.write(`\n${sections.filter((section) => section !== '').join('\n\n')}\n`);
  json?.write(result);
  if (json && options.json !== '-') stream.write(`\nWritten to ${options.json}.\n`);
}
