import { DeviceLostError, openDevice, type Device } from '../../src/node.ts';
import { describeMachine, detectInstance, type DetectedInstance } from '../machine/index.ts';
import { measureBoundsChecks } from '../suites/boundsChecks.ts';
import { measureCeilings, type Ceiling } from '../measure/ceilings.ts';
import { WrongResult } from '../measure/check.ts';
import { detectClockStep } from '../measure/clock.ts';
import { measureHost, type HostTime } from '../measure/host.ts';
import { comparePeers } from '../suites/comparePeers.ts';
import { comparisonLine, peerLine, renderComparison } from '../report/comparison.ts';
import { renderEstimates } from '../report/estimates.ts';
import { openJsonTarget, type JsonTarget } from '../report/jsonFile.ts';
import { adapterRow, machineRow, renderFound } from '../report/machine.ts';
import {
  isSound,
  measurementLine,
  renderBoundsChecks,
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
  type BoundsCheckRow,
  type CeilingRow,
  type HostRow,
  type LeftOutRow,
  type MeasurementRow,
} from '../schema.ts';
import {
  allWorkloads,
  comparedWorkloads,
  LLAMA_3_1_8B,
  workloadsNamed,
  type Extent,
  type ModelShape,
} from '../suites/index.ts';
import { runWorkloads } from '../suites/runWorkloads.ts';
import { estimateWorkloads } from './estimates.ts';
import { CommandError, EXIT } from '../exitCodes.ts';
import { adapterName, findAdapter, openAdapter } from './openAdapter.ts';
import { PROFILES, samplingFor, type Profile } from './profile.ts';
import { resultsFileName } from './resultsFile.ts';
import { VERSION, webgpuVersion } from './version.ts';

/** `tilewise bench` as the command line gives it, checked. */
export interface BenchOptions {
  readonly extent: Extent;
  readonly model?: ModelShape | undefined;
  /** Operations or families, or `overhead`, which is the host's time without any; all unless given. */
  readonly only?: readonly string[] | undefined;
  /** A path, `-`, or true for the name that the file has by itself. */
  readonly json?: string | true | undefined;
  /** `hardware`, `software`, `cpu`, or part of an adapter's name. */
  readonly adapter?: string | undefined;
  readonly checked: boolean;
  /** Nothing but ceilings and the host's time, the ceilings in finer steps. */
  readonly ceilingsOnly: boolean;
  /** The libraries to compare with; nothing is compared unless given. */
  readonly peers?: readonly string[] | undefined;
  readonly instance?: string | undefined;
  readonly providers?: readonly string[] | undefined;
  /** Whether to estimate what instance types yield. */
  readonly estimates: boolean;
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
  const createdAt = new Date().toISOString();
  let json = typeof options.json === 'string' ? openResults(options.json) : undefined;
  const progress = createProgress();
  const choice = await findAdapter(options, progress);
  if (options.peers && choice.kind === 'none') {
    throw new CommandError(`--peers: needs a WebGPU adapter: ${choice.summary}`, EXIT.noAdapter);
  }
  const device = await openAdapter(options, choice, progress);
  try {
    if (options.json === true) {
      const adapter = adapterRow(device.capabilities, null);
      json = openResults(resultsFileName({ adapter, createdAt, comparison: options.peers }));
    }
    const result = await measureAll(device, options, createdAt, progress, signal);
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

/** Where the results go. */
interface ResultsTarget {
  readonly path: string;
  readonly target: JsonTarget;
}

function openResults(path: string): ResultsTarget {
  return { path, target: openJsonTarget(path) };
}

async function measureAll(
  device: Device,
  options: BenchOptions,
  createdAt: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<BenchResult> {
  const startMs = performance.now();
  const profile = PROFILES[options.extent];
  const budgetMs = options.budgetSeconds === undefined ? profile.budgetMs : options.budgetSeconds * 1e3;
  const { model = LLAMA_3_1_8B } = options;
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
    curve: options.ceilingsOnly,
    // A tenth of the time for the ceilings, in all their ways, beside other rows; by themselves they have all of it.
    sampling: (firstRunNs) => sampling(budgetMs / (options.ceilingsOnly ? 300 : 250), firstRunNs),
    maxCheckSteps: profile.maxCheckSteps,
    signal,
    onStart: (name) => progress.start(`ceiling: ${name}`),
  });
  const failed = failures.map(({ name, reason }) => failure('ceiling', name, reason));
  const run: Run = { profile, model, ceilings, deadlineMs: startMs + budgetMs, progress, signal };
  const parts = options.peers
    ? await compareAll(device, options, options.peers, run)
    : await measureOperations(device, options, run, sampling, budgetMs / 40, instance);
  progress.stop();
  return {
    schema: SCHEMA_VERSION,
    createdAt,
    versions,
    machine: machineFacts,
    adapter,
    run: {
      model: { ...model },
      extent: profile.extent,
      seed: options.seed,
      durationSeconds: (performance.now() - startMs) / 1e3,
    },
    ceilings: ceilings.map(toCeilingRow),
    ...parts,
    leftOut: [...failed, ...parts.leftOut],
  };
}

/** What the parts of a run have in common. */
interface Run {
  readonly profile: Profile;
  readonly model: ModelShape;
  readonly ceilings: readonly Ceiling[];
  readonly deadlineMs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

type Parts = Pick<
  BenchResult,
  'measurements' | 'leftOut' | 'boundsChecks' | 'host' | 'estimates' | 'notices' | 'comparison'
>;

/** The host's time, the operations', and what instance types yield. */
async function measureOperations(
  device: Device,
  options: BenchOptions,
  run: Run,
  sampling: (rowMs: number, firstRunNs: number) => ReturnType<typeof samplingFor>,
  hostMs: number,
  instance: DetectedInstance,
): Promise<Parts> {
  const { profile, model, ceilings, deadlineMs, progress, signal } = run;
  const caps = device.capabilities;
  const failed: LeftOutRow[] = [];
  progress.start('host time');
  const host: HostTime[] = [];
  try {
    host.push(...(await measureHost(device, { samples: profile.hostSamples, maxMs: hostMs, signal })));
  } catch (error) {
    if (!(error instanceof WrongResult)) throw error;
    failed.push(failure('host time', '', error.message));
  }
  const { measurements, leftOut } = await runWorkloads(
    device,
    options.ceilingsOnly ? [] : workloadsNamed(allWorkloads(model, caps.f16, profile.extent), options.only),
    {
      ceilings,
      deadlineMs,
      seed: options.seed,
      maxCheckSteps: profile.maxCheckSteps,
      minSamples: profile.minSamples,
      sampling,
      signal,
      onStart: (name) => progress.start(name),
      onMeasured: (row) => progress.line(measurementLine(row)),
    },
  );
  const boundsChecks = await checkCosts(device, options, run, measurements);
  const { rows, notices } = wantsEstimates(options)
    ? estimateWorkloads({
        workloads: workloadsNamed(allWorkloads(model, true, profile.extent), options.only),
        run: { adapter: { ...caps.adapter, software: caps.software }, ...placeOf(instance), measurements },
        providers: options.providers,
      })
    : { rows: [], notices: [] };
  return {
    measurements: [...measurements],
    leftOut: [...failed, ...leftOut],
    boundsChecks,
    host: host.map(toHostRow),
    estimates: [...rows],
    notices: [...notices],
  };
}

/**
 * What Dawn's bounds checks cost the measured operations that stand for others: the library leaves them off in Node, and
 * browsers always have them.
 */
async function checkCosts(
  device: Device,
  options: BenchOptions,
  { profile, model, progress, signal }: Run,
  measurements: readonly MeasurementRow[],
): Promise<BoundsCheckRow[]> {
  if (device.backend === 'cpu' || options.checked || measurements.length === 0) return [];
  const workloads = workloadsNamed(
    allWorkloads(model, device.capabilities.f16, profile.extent),
    options.only,
  ).filter(({ representative }) => representative);
  const name = adapterName(options);
  const checked = await openDevice({
    checked: true,
    ...(name !== undefined && { adapter: name }),
  });
  const rows: BoundsCheckRow[] = [];
  try {
    for (const row of measurements) {
      const { op, label, shapeText, dtype } = row;
      const workload = workloads.find((candidate) => candidate.op === op && candidate.label === label);
      const problem = workload?.problems.find((candidate) => workload.shapeText(candidate) === shapeText);
      if (!workload || problem === undefined || workload.operation.dtype(problem) !== dtype) continue;
      progress.start(`bounds checks: ${op} ${label}`);
      const cost = await measureBoundsChecks(device, checked, workload, problem, {
        seed: options.seed,
        signal,
      });
      rows.push({ op, label, shapeText, dtype, ...cost });
    }
  } finally {
    checked.destroy();
  }
  return rows;
}

/** Checks of a comparison send elements from process to process: more of them would take longer than they are worth. */
const COMPARISON_CHECK_STEPS = 1e7;

/** The operations on Tilewise and on other libraries in turns. */
async function compareAll(
  device: Device,
  options: BenchOptions,
  peers: readonly string[],
  { profile, model, ceilings, deadlineMs, progress, signal }: Run,
): Promise<Parts> {
  const workloads = comparedWorkloads(model, device.capabilities.f16, profile.extent);
  const { leftOut, ...comparison } = await comparePeers(device, workloadsNamed(workloads, options.only), {
    peers,
    adapter: adapterName(options),
    checked: options.checked,
    ceilings,
    deadlineMs,
    seed: options.seed,
    maxCheckSteps: COMPARISON_CHECK_STEPS,
    minRounds: profile.minSamples,
    signal,
    onStart: (name) => progress.start(name),
    onPeer: (peer) => progress.line(peerLine(peer)),
    onRow: (row) => progress.line(comparisonLine(row)),
  });
  return {
    measurements: [],
    leftOut: [...leftOut],
    comparison,
    boundsChecks: [],
    host: [],
    estimates: [],
    notices: [],
  };
}

/** Ceilings alone say nothing of what a workload takes elsewhere. */
const wantsEstimates = ({ estimates, ceilingsOnly }: BenchOptions): boolean => estimates && !ceilingsOnly;

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

function print(result: BenchResult, options: BenchOptions, json: ResultsTarget | undefined): void {
  const stream = tableStream(options);
  const width = widthOf(stream);
  const { machine, measurements, leftOut, adapter, ceilings, comparison, boundsChecks, host } = result;
  const { estimates, notices } = result;
  const { provider, instanceType } = machine.instance;
  const here = provider !== null && instanceType !== null ? { provider, instanceType } : undefined;
  const sections = [
    renderCeilings(ceilings, width),
    comparison ? renderComparison(comparison, width) : '',
    comparison || options.ceilingsOnly ? '' : renderMeasurements(measurements, width),
    renderLeftOut(leftOut),
    renderBoundsChecks(boundsChecks, width),
    adapter.software && adapter.backend === 'webgpu'
      ? 'These are times of a software adapter: they show that the kernels work, not how fast any GPU is.'
      : '',
    renderHost(host, width),
    comparison || !wantsEstimates(options)
      ? ''
      : renderEstimates({ rows: estimates, notices, top: options.top, here }, width),
  ];
  stream.write(`\n${sections.filter((section) => section !== '').join('\n\n')}\n`);
  json?.target.write(result);
  if (json && json.path !== '-') stream.write(`\nWritten to ${json.path}.\n`);
}
