import type { Canvas } from '../plots/canvas.ts';
import type { TableData } from '../table.ts';

/** A report, whatever it is written as. */
export interface Report {
  readonly title: string;
  /** When it was made, and of what. */
  readonly subtitle: string;
  /** What has to be known before any number is believed. */
  readonly warnings: readonly string[];
  readonly sections: readonly ReportSection[];
}

export interface ReportSection {
  readonly title: string;
  readonly text: readonly string[];
  readonly parts: readonly ReportPart[];
}

/** A plot and the numbers behind it, or numbers alone. */
export interface ReportPart {
  readonly title: string;
  readonly text: readonly string[];
  readonly plot?: ((canvas: Canvas) => Element) | undefined;
  readonly table: TableData;
  /** Notes below the table. */
  readonly notes: readonly string[];
}
