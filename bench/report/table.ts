import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import pc from 'picocolors';

/** A column of a table, and how much it matters. */
export interface Column<Row> {
  readonly header: string;
  readonly align?: 'left' | 'right';
  /** Columns with higher numbers give way first where the terminal is narrow; without one a column stays. */
  readonly dispensable?: number;
  cell(row: Row): string;
}

/** Rows as plain text, for tables that are not made of characters. */
export interface TableData {
  readonly columns: readonly { readonly header: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows as plain text; a column without any content is left out. */
export function tableData<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): TableData {
  const filled = filledColumns(columns, rows);
  return {
    columns: filled.map(({ column: { header, align = 'left' } }) => ({ header, align })),
    rows: rows.map((_, row) => filled.map(({ cells }) => stripVTControlCharacters(cells[row]!))),
  };
}

const GAP = '  ';

/**
 * Rows as text that fits `width`: columns that matter least are left out until it does; where even the rest is too wide,
 * each row becomes a few lines of `header: value`.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string {
  let shown = filledColumns(columns, rows);
  while (tableWidth(shown) > width) {
    const least = Math.max(...shown.map(({ column }) => column.dispensable ?? 0));
    if (least === 0) return renderList(shown, rows.length, width);
    shown = shown.filter(({ column }) => column.dispensable !== least);
  }
  const table = new Table({
    head: shown.map(({ column }) => pc.bold(column.header)),
    colAligns: shown.map(({ column }) => column.align ?? 'left'),
    ...PLAIN,
  });
  for (let row = 0; row < rows.length; row++) table.push(shown.map(({ cells }) => cells[row]!));
  return trimmed(table);
}

/** Names and what they stand for, one below the other; long texts go on in their own column. */
export function renderFields(
  fields: readonly { readonly key: string; readonly value: string }[],
  width: number,
): string {
  const names = Math.max(...fields.map(({ key }) => key.length));
  const table = new Table({
    ...PLAIN,
    // Nothing is wrapped where it goes into a file.
    ...(Number.isFinite(width) && {
      colWidths: [names, Math.max(20, width - names - GAP.length)],
      wordWrap: true,
    }),
  });
  for (const { key, value } of fields) table.push([key, value]);
  return trimmed(table);
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};

/** Neither borders nor colours nor padding, a gap between columns. */
const PLAIN = {
  chars: { ...NO_BORDERS, middle: GAP },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
};

/** A table's text, without the spaces behind its lines. */
function trimmed(table: Table.Table): string {
  return table.toString().replaceAll(/ +$/gm, '');
}

interface ShownColumn<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
}

/** Columns with their cells; one without any content says nothing. */
function filledColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): ShownColumn<Row>[] {
  return columns
    .map((column) => ({ column, cells: rows.map((row) => column.cell(row)) }))
    .filter(({ cells }) => cells.some((cell) => stripVTControlCharacters(cell) !== ''));
}

function tableWidth<Row>(shown: readonly ShownColumn<Row>[]): number {
  const widths = shown.map(({ column, cells }) =>
    Math.max(column.header.length, ...cells.map((cell) => stripVTControlCharacters(cell).length)),
  );
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (shown.length - 1);
}

function renderList<Row>(shown: readonly ShownColumn<Row>[], count: number, width: number): string {
  const label = Math.max(...shown.map(({ column }) => column.header.length));
  const blocks: string[] = [];
  for (let row = 0; row < count; row++) {
    const lines = shown.map(({ column, cells }) => `${column.header.padEnd(label)}  ${cells[row]}`);
    blocks.push(lines.join('\n'));
  }
  return blocks.join(`\n${pc.dim('-'.repeat(Math.min(width, label + 2)))}\n`);
}

/** Columns of the terminal behind a stream; whoever reads a file or a pipe scrolls by himself. */
export function widthOf(stream: NodeJS.WriteStream): number {
  const fromEnvironment = Number(process.env['COLUMNS']);
  if (Number.isInteger(fromEnvironment) && fromEnvironment > 0) return fromEnvironment;
  return stream.isTTY ? stream.columns || 80 : Infinity;
}
