import type { GpuDevice } from '../../src/node.ts';
import { durationNs, timeGraph } from '../measure/timing.ts';
import { ratioOfMedians, type Interval } from '../measure/statistics.ts';
import { prepareTrial, type Trial } from '../measure/trial.ts';
import type { Workload } from './workload.ts';

/** What Dawn's checks cost an operation: browsers always have them. */
export interface BoundsCheckCost {
  readonly kernel: string;
  /** Time with the checks divided by time without, taken in turns. */
  readonly ratio: Interval;
}

/** Rounds of one operation, with a time of each kind: enough for the interval of their ratio. */
const ROUNDS = 15;

/** Runs that come before those that count. */
const WARMUPS = 2;

/**
 * Times an operation on the same adapter without and with Dawn's checks, in turns.
 *
 * @param unchecked opened as by default
 * @param checked opened with `{ checked: true }`
 * @throws what selection, allocation and compilation throw, and the signal's reason when interrupted
 */
export async function measureBoundsChecks<P>(
  unchecked: GpuDevice,
  checked: GpuDevice,
  { operation }: Workload<P>,
  problem: P,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<BoundsCheckCost> {
  const sides: { readonly device: GpuDevice; readonly trial: Trial<P>; readonly times: number[] }[] = [];
  try {
    for (const device of [unchecked, checked])
      sides.push({ device, trial: prepareTrial(device, operation, problem, { seed }), times: [] });
    for (let round = 0; round < WARMUPS + ROUNDS; round++) {
      // Each goes first as often as the other.
      for (const { device, trial, times } of round % 2 === 0 ? sides : sides.toReversed()) {
        signal?.throwIfAborted();
        const time = durationNs(await timeGraph(device, trial.graph, 1));
        if (round >= WARMUPS) times.push(time);
      }
    }
    const [without, having] = sides;
    return { kernel: without!.trial.kernel, ratio: ratioOfMedians(having!.times, without!.times) };
  } finally {
    for (const { trial } of sides) trial[Symbol.dispose]();
  }
}
