import type { Device } from '../../src/node.ts';
import { select } from '../../src/ops/select.ts';
import { consultantOf } from '../../src/tuning/deviceRecords.ts';
import { ceilingShare, workOf } from '../measure/bindingCeiling.ts';
import type { Ceiling } from '../measure/ceilings.ts';
import { Operand } from '../measure/operand.ts';
import { arithmeticPath } from '../measure/trial.ts';
import { PeerContender, tilewiseContender } from '../peers/contender.ts';
import { contest, type ContestOptions, type ContestResult, type Outcome } from '../peers/contest.ts';
import { deviceName } from '../peers/dawn.ts';
import { peerCommand } from '../peers/index.ts';
import { PeerFailure } from '../peers/process.ts';
import type { Comparison, ComparisonRow, LeftOutRow, PeerOutcome } from '../schema.ts';
import { runAffordable } from './affordableRows.ts';
import { describeWorkload, type Workload } from './workload.ts';

export interface ComparisonOptions {
  /** Names of those who take part; see `PEER_NAMES`. */
  readonly peers: readonly string[];
  /** Part of the adapter's name, where one was asked for. */
  readonly adapter?: string | undefined;
  readonly checked: boolean;
  readonly ceilings: readonly Ceiling[];
  readonly deadlineMs: number;
  readonly seed: number;
  readonly maxCheckSteps: number;
  readonly minRounds: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStart?: (name: string) => void;
  /** Told of each peer whether it takes part, and why not. */
  readonly onPeer?: (peer: Comparison['peers'][number]) => void;
  readonly onRow?: (row: ComparisonRow) => void;
}

/** A peer is taken to need as many times Tilewise's time: it is only to plan with. */
const PEER_SLOWNESS = 2;

const MAX_ROUNDS = 51;

/** Waiting for the end of a sample takes a tenth of a millisecond or two; this is a hundred times that. */
const MIN_SAMPLE_NS = 20e6;

/**
 * Runs each workload on Tilewise and on other libraries in turns, at the largest of its shapes that the time allows.
 *
 * @throws DeviceLostError when the device is gone, and the signal's reason when interrupted
 */
export async function comparePeers(
  device: Device,
  workloads: readonly Workload[],
  options: ComparisonOptions,
): Promise<Comparison & { readonly leftOut: readonly LeftOutRow[] }> {
  const { adapter, checked, minRounds, seed, maxCheckSteps, signal } = options;
  const settings = { adapter, checked, device: deviceName(device.capabilities.adapter) };
  const all = options.peers.map((name) => new PeerContender(name, peerCommand(name), settings));
  const stop = (): void => all.forEach((peer) => peer.close());
  // The row in hand then ends with their failure at once.
  signal?.addEventListener('abort', stop);
  try {
    const peers = await Promise.all(all.map(open));
    peers.forEach((peer) => options.onPeer?.(peer));
    const playing = all.filter((_, index) => peers[index]!.version !== null);
    if (playing.length === 0) return { peers, rows: [], leftOut: [] };
    const contestOptions = (rowMs: number): ContestOptions => ({
      maxCheckSteps,
      seed,
      signal,
      minRounds,
      maxRounds: MAX_ROUNDS,
      timeMs: rowMs / 2,
      minSampleNs: Math.min(MIN_SAMPLE_NS, (rowMs * 1e6) / (minRounds * (1 + playing.length))),
    });
    const own = tilewiseContender(device);
    const { rows, leftOut } = await runAffordable(
      device,
      workloads,
      { ...options, fewestRuns: minRounds * (1 + PEER_SLOWNESS * playing.length) },
      async (workload, problem, rowMs) => {
        const { operation, checker } = workload;
        const operands = operation.inputs(problem).map((spec, index) => new Operand(spec, seed + index));
        const assignment = { operation, problem, operands, task: workload.task!(problem) };
        const result = await contest(own, playing, checker, assignment, contestOptions(rowMs));
        signal?.throwIfAborted();
        const row = describe(device, workload, problem, result, options.ceilings);
        options.onRow?.(row);
        return { row, timeNs: row.timeNs?.median, spareMs: result.spareMs };
      },
    );
    return { peers, rows: [...rows], leftOut };
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
  }
}

async function open(peer: PeerContender): Promise<Comparison['peers'][number]> {
  try {
    return { name: peer.name, ...(await peer.open()), reason: null };
  } catch (error) {
    if (!(error instanceof PeerFailure)) throw error;
    return { name: peer.name, version: null, device: null, reason: error.message };
  }
}

function describe(
  device: Device,
  workload: Workload,
  problem: unknown,
  { check, own, peers }: ContestResult,
  ceilings: readonly Ceiling[],
): ComparisonRow {
  const { operation } = workload;
  const caps = device.capabilities;
  const { kernel, config } = select(operation, problem, caps, {}, consultantOf(device));
  const arithmetic = arithmeticPath(operation.dtype(problem), kernel.plan(problem, config, caps));
  const work = workOf(operation, problem, arithmetic);
  return {
    ...describeWorkload(workload, problem),
    kernel: kernel.name,
    config,
    flops: work.flops,
    workingSetBytes: work.bytes,
    ...ceilingShare(ceilings, work, own?.timeNs.median),
    timeNs: own?.timeNs ?? null,
    runs: own?.runs ?? null,
    relativeError: own?.relativeError ?? null,
    checked: check,
    peers: peers.map(({ name, outcome }) => ({ name, ...describeOutcome(outcome) })),
  };
}

function describeOutcome(outcome: Outcome): Omit<PeerOutcome, 'name'> {
  const { status } = outcome;
  if (status !== 'timed') {
    return { status, reason: outcome.reason, timeNs: null, runs: null, ratio: null, relativeError: null };
  }
  const { timeNs, runs, ratio, relativeError } = outcome;
  return { status, reason: null, timeNs, runs, ratio: ratio!, relativeError };
}
