import { Bench } from 'tinybench';
import type { Device } from '../../src/index.ts';
import { estimateMedian, type Estimate } from './statistics.ts';
import { durationNs, findRepeats, timeGraph, type AnyGraph, type RepeatOptions } from './timing.ts';

/** How thoroughly to measure. */
export interface SamplingOptions extends RepeatOptions {
  /** For how long samples are taken, as far as `minSamples` and `maxSamples` allow. */
  readonly timeMs: number;
  readonly minSamples: number;
  readonly maxSamples: number;
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
