import { sum, type GpuDevice } from 'tilewise';

/** The clock that a device's work is timed by. */
export interface Timer {
  /** `gpu`: timestamp queries. `wall`: the host's clock around a loop, submission included. */
  readonly clock: 'gpu' | 'wall';
  /** The clock's step; browsers make it coarse on purpose. */
  readonly stepNs: number;
}

/** Above it a single dispatch cannot be timed, and the page says so. */
const COARSE_STEP_NS = 1000;

/** Durations that a clock's step is worked out from. */
const TRIALS = 12;

export const isCoarse = ({ stepNs }: Timer): boolean => stepNs > COARSE_STEP_NS;

/** Finds out which clock there is and how fine it is. */
export async function inspectTimer(device: GpuDevice): Promise<Timer> {
  const stepNs = device.capabilities.timestampQuery ? await gpuStepNs(device) : undefined;
  return stepNs === undefined ? { clock: 'wall', stepNs: wallStepNs() } : { clock: 'gpu', stepNs };
}

/**
 * The greatest common divisor of some durations: the step of a quantised clock, or the tick of a fine one. Undefined
 * where the clock never moves.
 */
async function gpuStepNs(device: GpuDevice): Promise<number | undefined> {
  const x = device.tensor(new Float32Array(1024), [1024]);
  const graph = device.capture(() => sum(x).dispose());
  const durations: number[] = [];
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      const { gpuDurationNs } = await device.time(graph, 2 ** trial);
      if (gpuDurationNs !== undefined && gpuDurationNs > 0) durations.push(gpuDurationNs);
    }
  } finally {
    graph.dispose();
    x.dispose();
  }
  return durations.length === 0 ? undefined : durations.reduce(greatestCommonDivisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The smallest of some steps of `performance.now()`. */
function wallStepNs(): number {
  let smallest = Infinity;
  let last = performance.now();
  for (let steps = 0; steps < 10;) {
    const now = performance.now();
    if (now === last) continue;
    smallest = Math.min(smallest, now - last);
    last = now;
    steps++;
  }
  return Math.round(smallest * 1e6);
}
