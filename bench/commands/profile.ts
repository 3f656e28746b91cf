import { minSampleNs } from '../measure/clock.ts';
import type { SamplingOptions } from '../measure/sampling.ts';
import type { Extent } from '../suites/index.ts';

/** How much a run measures, and how thoroughly. */
export interface Profile {
  readonly extent: Extent;
  /** For everything that is measured; rows that do not fit are made smaller or left out. */
  readonly budgetMs: number;
  /** Steps of the CPU path that a check may take, about 3 ns each. */
  readonly maxCheckSteps: number;
  /** Fewest samples of a row. */
  readonly minSamples: number;
  readonly hostSamples: number;
  /** Time that samples of one row are taken for on a GPU. */
  readonly sampleMs: number;
  readonly warmupMs: number;
}

export const PROFILES: Readonly<Record<Extent, Profile>> = {
  quick: {
    extent: 'quick',
    budgetMs: 38_000,
    maxCheckSteps: 1e7,
    minSamples: 5,
    hostSamples: 25,
    sampleMs: 150,
    warmupMs: 60,
  },
  default: {
    extent: 'default',
    budgetMs: 240_000,
    maxCheckSteps: 1e8,
    minSamples: 9,
    hostSamples: 40,
    sampleMs: 400,
    warmupMs: 120,
  },
  full: {
    extent: 'full',
    budgetMs: 1_500_000,
    maxCheckSteps: 1e9,
    minSamples: 15,
    hostSamples: 100,
    sampleMs: 1000,
    warmupMs: 200,
  },
};

/** More would not make the median better known, but the file longer; samples get longer instead. */
const MAX_SAMPLES = 100;

/**
 * How to sample one row. A GPU is warmed up, since its clock rises only under load; a processor needs that less, and its
 * time is scarce.
 *
 * @param rowMs all that the row may take
 */
export function samplingFor(
  profile: Profile,
  device: { readonly software: boolean; readonly clockStepNs: number },
  rowMs: number,
  firstRunNs: number,
  signal: AbortSignal | undefined,
): SamplingOptions {
  const affordable = Math.floor((rowMs * 1e6) / Math.max(1, firstRunNs));
  const timeMs = device.software ? Math.min(profile.sampleMs, rowMs / 2) : profile.sampleMs;
  const wantedNs = Math.max(minSampleNs(device.clockStepNs), (timeMs * 1e6) / MAX_SAMPLES);
  return {
    minSampleNs: Math.min(wantedNs, (rowMs * 1e6) / profile.minSamples),
    warmupMs: device.software ? 10 : profile.warmupMs,
    timeMs,
    // A row that turns out slower than planned makes do with three samples rather than overrun.
    minSamples: Math.max(3, Math.min(profile.minSamples, affordable)),
    maxSamples: MAX_SAMPLES,
    signal,
  };
}
