/**
 * Finds the fastest kernels for a GPU; `openDevice()` then chooses by what was found.
 *
 * @module tilewise/tune
 */
import type { Device } from '../../src/index.ts';
import { openIndexedDbStore } from './indexedDbStore.ts';
import type { TuneOptions, TuneResult } from './options.ts';
import { tuneWith } from './tune.ts';

export type { LeftOut, TunableCall, TuneOptions, TuneProgress, TuneResult } from './options.ts';
export type { ModelShape } from '../suites/model.ts';

/**
 * Measures kernels and configs of operations on a GPU, checks each one's result, and keeps a record of what is fastest for each class
 * of problems where `openDevice()` looks for it: in the origin's IndexedDB in a browser, in the user's cache folder in Node. It takes
 * as long as it is given. What is interrupted, or lost with a device, a page or a process, is gone on with by the next call.
 *
 * @example
 * const { records } = await tune(openDevice, { ops: ['matmul'], shapes: [[1024, 1024, 1024]], budgetMs: 60_000 });
 * const device = await openDevice(); // chooses by them
 * @param open opens the GPU to tune, and opens it anew where it was lost. What it opens is destroyed in the end.
 * @throws ArgumentError for options that make no sense; DeviceUnavailableError where there is no GPU; DeviceLostError when devices are
 * lost again and again; the signal's reason when interrupted. What was found out before stays.
 */
export function tune(open: () => Promise<Device>, options: TuneOptions = {}): Promise<TuneResult> {
  return tuneWith(openIndexedDbStore, open, options);
}
