import type { CpuGraph, Device, Graph, GraphTiming } from '../../src/index.ts';

/** How long a sample is to be. */
export interface RepeatOptions {
  /** The shortest time that a sample may have, so that the clock's step and the cost of starting do not matter. */
  readonly minSampleNs: number;
  /** For how long the GPU is kept busy before the first sample: its clock rises only under load. */
  readonly warmupMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at how long a sample gets; times that vary from one to the next need a few. */
const MAX_ATTEMPTS = 20;

/** Runs in one sample at most: more would take longer to record than to run. */
const MAX_REPEATS = 4096;

export type AnyGraph = Graph | CpuGraph;

/** Times a graph on the device that captured it. */
export async function timeGraph(device: Device, graph: AnyGraph, repeats: number): Promise<GraphTiming> {
  if (device.backend === 'webgpu') return device.time(graph, repeats);
  // The CPU path never waits for anything, and signals would not be seen before the end.
  await new Promise((resolve) => setTimeout(resolve));
  return device.time(graph, repeats);
}

/** The GPU's time where there is one. */
export function durationNs({ gpuDurationNs, wallDurationNs }: GraphTiming): number {
  return gpuDurationNs ?? wallDurationNs;
}

/**
 * Warms up, and finds out how many runs make a sample long enough.
 *
 * @throws the signal's reason when interrupted
 */
export async function findRepeats(
  device: Device,
  graph: AnyGraph,
  { minSampleNs, warmupMs, signal }: RepeatOptions,
): Promise<{ readonly repeats: number; readonly sampleMs: number }> {
  let repeats = 1;
  let sample = await timeGraph(device, graph, repeats);
  const start = performance.now();
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const perRunNs = Math.max(1, durationNs(sample) / repeats);
    const wanted = Math.min(MAX_REPEATS, Math.ceil(minSampleNs / perRunNs));
    // A first run may be slow for other reasons; a later one that is long enough settles it.
    const longEnough =
      durationNs(sample) >= 0.8 * minSampleNs || repeats === MAX_REPEATS || attempt >= MAX_ATTEMPTS;
    const warm = performance.now() - start >= warmupMs;
    if (longEnough && warm) return { repeats, sampleMs: sample.wallDurationNs / 1e6 };
    repeats = Math.max(1, wanted);
    sample = await timeGraph(device, graph, repeats);
  }
}

/**
 * The step of a clock, from times read off it: their greatest common divisor. Browsers round the GPU's clock, by
 * default to 65.536 microseconds. 0 where all times were below one step.
 */
export function clockStepNs(durationsNs: readonly number[]): number {
  return durationsNs.reduce((a, b) => greatestCommonDivisor(a, Math.round(b)), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
