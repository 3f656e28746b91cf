import type { Gpu } from '../gpu/session.ts';
import type { CpuRun } from '../reference/protocol.ts';
import type { Entry, Suite } from '../workloads/suites.ts';
import type { Ceiling } from './bindingCeiling.ts';
import type { Outcome } from './runWorkload.ts';

/** A row of the table. */
export type RowState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'gpu'; readonly outcome: Outcome }
  | { readonly kind: 'cpu'; readonly run: CpuRun }
  | { readonly kind: 'failed'; readonly message: string };

export type Phase = 'idle' | 'running' | 'done' | 'stopped';

/** All that the page shows of a run. */
export interface State {
  readonly gpu: Gpu;
  readonly suite: Suite | undefined;
  readonly rows: ReadonlyMap<Entry['id'], RowState>;
  /** Measured at the beginning of a run. */
  readonly ceilings: readonly Ceiling[];
  /** Why there are none, or not all, where something went wrong. */
  readonly ceilingsFault: string | undefined;
  /** The tab is hidden: timing waits. */
  readonly hidden: boolean;
  readonly phase: Phase;
  /** What is going on, for the progress line. */
  readonly progress: { readonly done: number; readonly of: number; readonly current: string };
}

export const INITIAL_STATE: State = {
  gpu: { kind: 'opening' },
  suite: undefined,
  rows: new Map(),
  ceilings: [],
  ceilingsFault: undefined,
  hidden: false,
  phase: 'idle',
  progress: { done: 0, of: 0, current: '' },
};

/** The rows of a suite in the order in which they run. */
export function entriesOf(suite: Suite): readonly Entry[] {
  return suite.groups.flatMap(({ entries }) => entries);
}
