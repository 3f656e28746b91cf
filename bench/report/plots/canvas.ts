import type { PlotOptions } from '@observablehq/plot';

/** Where a plot is drawn: the page's document, or one without a browser behind it. */
export interface Canvas {
  readonly document: Document;
  /** Pixels. */
  readonly width: number;
}

/** Below this a plot is for a telephone: fewer ticks, labels above instead of beside. */
export const NARROW = 480;

/** Colours of the page's style sheet, told apart by people who see colours otherwise too; symbols go with them. */
export const COLORS = [
  'var(--c1)',
  'var(--c2)',
  'var(--c3)',
  'var(--c4)',
  'var(--c5)',
  'var(--c6)',
  'var(--c7)',
];

/** For text over lines and marks: a border in the colour of what lies behind. */
export const HALO = { fill: 'currentColor', stroke: 'var(--surface)', strokeWidth: 4 } as const;

/** Ticks of a logarithmic axis: 1, 2, 5, 10 and so on, else powers of ten, else only some of these, `most` in all. */
export function logTicks([low, high]: readonly [number, number], most: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const within = (ticks: readonly number[]): number[] => ticks.filter((tick) => tick >= low && tick <= high);
  const fine = within(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  const coarse = within(powers);
  const step = Math.ceil(coarse.length / most);
  return fine.length <= most ? fine : coarse.filter((_, index) => index % step === 0);
}

/** The least and the largest of some values, with room around them by a factor. */
export function logDomain(values: readonly number[], room: number): [number, number] {
  return [Math.min(...values) / room, Math.max(...values) * room];
}

/** Titles appear under a pointer, which a telephone has not. */
export function titled<Datum>(
  { width }: Canvas,
  title: (datum: Datum) => string,
): { readonly title?: (datum: Datum) => string } {
  return width < NARROW ? {} : { title };
}

/** What all plots have in common. */
export function commonOptions({ document, width }: Canvas, label: string): PlotOptions {
  return {
    document,
    width,
    ariaLabel: label,
    className: 'plot',
    style: { background: 'none', fontSize: '12px' },
  };
}
