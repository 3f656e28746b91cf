import { copyOperation } from '../../src/kernels/checked.ts';
import type { Device } from '../../src/index.ts';
import { clockStepNs, timeGraph } from './timing.ts';
import { prepareTrial } from './trial.ts';

const READINGS = 24;

/** Fewer readings than this may have a large divisor by chance. */
const FEWEST_READINGS = 8;

/** For how long readings are taken. */
const LONGEST_MS = 500;

/** No clock is that coarse: a larger divisor is chance. */
const LARGEST_STEP_NS = 1e6;

/**
 * The step in which the GPU's clock advances, from the times of small dispatches; null where it has no clock to read, or
 * where too few readings could be taken. Dawn rounds to 65.536 microseconds unless told otherwise, as browsers do.
 */
export async function detectClockStep(device: Device): Promise<number | null> {
  if (!device.capabilities.timestampQuery) return null;
  const trial = prepareTrial(device, copyOperation, { vectors: 1 << 12 }, { seed: 1 });
  try {
    const timesNs: number[] = [];
    let repeats = 1;
    for (const start = performance.now(); timesNs.length < READINGS;) {
      const { gpuDurationNs } = await timeGraph(device, trial.graph, repeats);
      if (gpuDurationNs) timesNs.push(gpuDurationNs);
      else repeats *= 2;
      if (performance.now() - start > LONGEST_MS) break;
    }
    const step = clockStepNs(timesNs);
    return timesNs.length >= FEWEST_READINGS && step > 0 && step <= LARGEST_STEP_NS ? step : null;
  } finally {
    trial[Symbol.dispose]();
  }
}

/** Steps of the clock that a sample must have at least: then the step is an error of 1 % at most. */
const CLOCK_STEPS = 100;

/** A sample on a GPU takes at least a millisecond, so that starting it does not matter. */
const MIN_SAMPLE_NS = 1e6;

/** The shortest that a sample on a clock of this step may be. */
export function minSampleNs(clockStepNs: number): number {
  return Math.max(MIN_SAMPLE_NS, CLOCK_STEPS * clockStepNs);
}
