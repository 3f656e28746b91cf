import { quantile } from 'simple-statistics';
import type { GpuDevice, Graph } from 'tilewise';
import type { Timer } from '../gpu/timer.ts';
import { visibility } from './visibility.ts';

/** How long one run of a graph takes: median of the samples, 10th and 90th percentile. */
export interface Timing {
  readonly medianNs: number;
  readonly lowNs: number;
  readonly highNs: number;
  readonly samples: number;
  /** Runs in each sample. */
  readonly repeats: number;
  readonly clock: Timer['clock'];
}

/** A sample is far longer than a step of its clock. */
const STEPS_PER_SAMPLE = 100;
/** At least as long as a GPU takes to reach its pace; on the host's clock, as makes the submission's millisecond small. */
const SAMPLE_NS = { gpu: 5e6, wall: 1e8 } as const;
const MOST_SAMPLES = 15;
/** For how long samples are taken. Slow adapters get fewer, down to a single one. */
const PATIENCE_MS = 1000;
const MOST_REPEATS = 2 ** 14;

/**
 * Times a graph: repeats it until one sample is long enough for the clock, then takes samples, and only while the page is
 * visible.
 *
 * @throws whatever aborted `signal`
 */
export async function timeGraph(
  device: GpuDevice,
  graph: Graph,
  timer: Timer,
  signal: AbortSignal,
  patienceMs = PATIENCE_MS,
): Promise<Timing> {
  const sampleNs = async (repeats: number): Promise<number> => {
    for (;;) {
      signal.throwIfAborted();
      await visibility.visible(signal);
      const { mark } = visibility;
      const { gpuDurationNs, wallDurationNs } = await device.time(graph, repeats);
      if (mark === visibility.mark) return timer.clock === 'gpu' ? (gpuDurationNs ?? 0) : wallDurationNs;
    }
  };
  const wantedNs = Math.max(SAMPLE_NS[timer.clock], STEPS_PER_SAMPLE * timer.stepNs);
  let repeats = 1;
  for (;;) {
    const durationNs = await sampleNs(repeats);
    if (durationNs >= wantedNs || repeats === MOST_REPEATS) break;
    // The first run of all is slower than the rest: approach the wanted time in steps instead of trusting it.
    const growth = Math.min(8, Math.max(1.5, (1.2 * wantedNs) / Math.max(durationNs, 1)));
    repeats = Math.min(MOST_REPEATS, Math.ceil(repeats * growth));
  }
  const durationsNs: number[] = [];
  const start = performance.now();
  do {
    durationsNs.push((await sampleNs(repeats)) / repeats);
  } while (durationsNs.length < MOST_SAMPLES && performance.now() - start < patienceMs);
  return {
    medianNs: quantile(durationsNs, 0.5),
    lowNs: quantile(durationsNs, 0.1),
    highNs: quantile(durationsNs, 0.9),
    samples: durationsNs.length,
    repeats,
    clock: timer.clock,
  };
}
