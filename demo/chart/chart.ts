import type * as Plot from '@observablehq/plot';

/** The plot library: larger than the rest of a view, so it comes when a chart is first drawn. */
let plot: Promise<typeof Plot> | undefined;

/** What a chart shows, given the library and the width that there is. */
export type Draw = (plot: typeof Plot, widthPx: number) => Plot.PlotOptions;

/** A chart in an element whose height the stylesheet fixes; it is drawn again when the width changes. */
export class Chart {
  readonly #root: HTMLElement;
  #draw: Draw | undefined;
  #widthPx = 0;

  /** @param label what the chart shows, for those who do not see it; its numbers must stand in a table too */
  constructor(
    root: HTMLElement,
    readonly label: string,
  ) {
    this.#root = root;
    new ResizeObserver(([entry]) => {
      const widthPx = Math.floor(entry!.contentRect.width);
      if (widthPx === this.#widthPx) return;
      this.#widthPx = widthPx;
      void this.#render();
    }).observe(root);
  }

  show(draw: Draw): void {
    this.#draw = draw;
    void this.#render();
  }

  async #render(): Promise<void> {
    if (!this.#draw || this.#widthPx === 0) return;
    const library = await (plot ??= import('@observablehq/plot'));
    // While the library came, the view may have been left, or something else asked for.
    const height = this.#root.clientHeight;
    if (height === 0) return;
    const figure = library.plot({
      width: this.#widthPx,
      height,
      style: { background: 'none', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
      ...this.#draw(library, this.#widthPx),
    });
    figure.setAttribute('role', 'img');
    figure.setAttribute('aria-label', this.label);
    // The whole is one image, and groups in it may have no labels of their own.
    for (const mark of figure.querySelectorAll('g[aria-label]')) {
      mark.setAttribute('data-mark', mark.getAttribute('aria-label')!);
      mark.removeAttribute('aria-label');
    }
    this.#root.replaceChildren(figure);
  }
}
