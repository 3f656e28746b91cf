import type { GpuSession } from '../gpu/session.ts';

/** What the frame gives to a view. */
export interface Page {
  /** The visitor's GPU, one for all views. Its code is loaded, and the GPU looked for, when the first view asks. */
  gpu(): Promise<GpuSession>;
  /**
   * Keeps a state of the view in the address, so that it can be shared; no step back is made of it. Ignored while another view
   * is shown.
   */
  keep(state: Readonly<Record<string, string>>): void;
}

/** A view that has been loaded. It stays as it is while others are shown, so that a run goes on and its results remain. */
export interface View {
  /** The visitor has come to it, or has changed the address: what follows the `?` in it. */
  enter?(state: URLSearchParams): void;
  /** The visitor has gone to another view. */
  leave?(): void;
}

/** What the module of a view exports as `mount`: draws the view in `root`, which is empty and under a heading already. */
export type Mount = (root: HTMLElement, page: Page) => View;

/** An entry of the navigation. */
export interface ViewEntry {
  /** In the address, after `#/`. */
  readonly id: string;
  /** In the navigation and in the title of the window. */
  readonly title: string;
  /** The heading. */
  readonly heading: string;
  /** One or two sentences below the heading. */
  readonly lead: string;
  load(): Promise<{ readonly mount: Mount }>;
}
