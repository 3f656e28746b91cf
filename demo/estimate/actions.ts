import type { Choice } from './choice.ts';

/** What a visitor can do in the explorer and the planner. */
export interface EstimateActions {
  readonly choose: (change: Partial<Choice>) => void;
  readonly placeOwn: () => void;
  /** Take the elements that the charts are drawn in. */
  readonly scatter: (element: Element | undefined) => void;
  readonly years: (element: Element | undefined) => void;
}
