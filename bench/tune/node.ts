// `tilewise/tune` in Node: the same, with files in the user's cache folder.
import type { Device } from '../../src/index.ts';
import { folderStore } from './folderStore.ts';
import type { TuneOptions, TuneResult } from './options.ts';
import { tuneWith } from './tune.ts';

export type { LeftOut, ModelShape, TunableCall, TuneOptions, TuneProgress, TuneResult } from './index.ts';

/** See `tune()` of the browser's entry: the same contract. */
export function tune(open: () => Promise<Device>, options: TuneOptions = {}): Promise<TuneResult> {
  return tuneWith(async () => folderStore, open, options);
}
