import { setImmediate } from 'node:timers/promises';
import { Bench } from 'tinybench';
import type { CpuGraph, Device, Graph, GraphTiming } from '../../src/node.ts';
import { estimateMedian, type Estimate } from './statistics.ts';

/** How thoroughly to measure. */
export interface SamplingOptions {
  /** The shortest time that a sample may have, so that the clock's step and the cost of starting do not matter. */
  readonly minSampleNs: number;
  /** For how long the GPU is kept busy before the first sample: its clock rises only under load. */
  readonly warmupMs: number;
  /** For how long samples are taken, as far as `minSamples` and `maxSamples` allow. */
  readonly timeMs: number;
  readonly minSamples: number;
  readonly maxSamples: number;
  readonly signal?: AbortSignal | undefined;
}

/** Times of one run of a graph. */
export interface Sampled {
  /** On the GPU's clock; undefined without timestamp queries. */
  readonly gpuTimeNs: Estimate | undefined;
  /** On the host's clock, from submission to completion, for one run of `repeats` in a row. */
  readonly wallTimeNs: Estimate;
  /** Runs in a sample; times are a sample's divided by this. */
  readonly repeats: number;
}

/** Looks at how long a sample gets; times that vary from one to the next need a few. */
const MAX_ATTEMPTS = 20;

/** Runs in one sample at most: more would take longer to record than to run. */
const MAX_REPEATS = 4096;

type AnyGraph = Graph | CpuGraph;

/** Times a graph on the device that captured it. */
export async function timeGraph(device: Device, graph: AnyGraph, repeats: number): Promise<GraphTiming> {
  if (device.backend === 'webgpu') return device.time(graph as Graph, repeats);
  // The CPU path never waits for anything, and signals would not be seen before the end.
  await setImmediate();
  return device.time(graph as CpuGraph, repeats);
}

/** The GPU's time where there is one. */
export function durationNs({ gpuDurationNs, wallDurationNs }: GraphTiming): number {
  return gpuDurationNs ?? wallDurationNs;
}

/**
 * Measures a graph: warms up, finds out how many runs make a sample long enough, then takes samples.
 * tinybench runs the loop and keeps the samples; it is handed the GPU's time of each.
 *
 * @throws the signal's reason when interrupted
 */
export async function sampleGraph(
  device: Device,
  graph: AnyGraph,
  options: SamplingOptions,
): Promise<Sampled> {
  const { timeMs, minSamples, maxSamples, signal } = options;
  const { repeats, sampleMs } = await findRepeats(device, graph, options);
  const iterations = Math.max(minSamples, Math.min(maxSamples, Math.floor(timeMs / sampleMs)));
  return runSamples(device, graph, repeats, iterations, signal);
}

/**
 * Warms up, and finds out how many runs make a sample long enough.
 *
 * @throws the signal's reason when interrupted
 */
export async function findRepeats(
  device: Device,
  graph: AnyGraph,
  { minSampleNs, warmupMs, signal }: Pick<SamplingOptions, 'minSampleNs' | 'warmupMs' | 'signal'>,
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

async function runSamples(
  device: Device,
  graph: AnyGraph,
  repeats: number,
  iterations: number,
  signal: AbortSignal | undefined,
): Promise<Sampled> {
  const wallNs: number[] = [];
  let onGpu = true;
  const bench = new Bench({
    iterations,
    time: 0,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  bench.add(
    'graph',
    async () => {
      signal?.throwIfAborted();
      const timing = await timeGraph(device, graph, repeats);
      wallNs.push(timing.wallDurationNs / repeats);
      if (timing.gpuDurationNs === undefined) onGpu = false;
      return { overriddenDuration: durationNs(timing) / repeats / 1e6 };
    },
    { async: true },
  );
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed' || !result.latency.samples) {
    throw new Error(`sampling ended early: ${result?.state}`);
  }
  const latencyNs = estimateMedian(result.latency.samples.map((ms) => ms * 1e6));
  return { gpuTimeNs: onGpu ? latencyNs : undefined, wallTimeNs: estimateMedian(wallNs), repeats };
}

/**
 * Samples of what is timed on the host's clock, or by itself: at least `minSamples`, then more of them while there is time.
 *
 * @param run gives the time that it took, in whatever unit
 * @throws what `run` throws, and the signal's reason when interrupted
 */
export async function sampleOnHost(
  run: () => Promise<number>,
  {
    minSamples,
    maxSamples,
    timeMs,
    signal,
  }: Pick<SamplingOptions, 'minSamples' | 'maxSamples' | 'timeMs' | 'signal'>,
): Promise<Estimate> {
  const times: number[] = [];
  const start = performance.now();
  while (times.length < minSamples || (times.length < maxSamples && performance.now() - start < timeMs)) {
    signal?.throwIfAborted();
    times.push(await run());
  }
  return estimateMedian(times);
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
