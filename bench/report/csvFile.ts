import Papa from 'papaparse';
import { openTextTarget, type TextTarget } from './jsonFile.ts';

/** A target for rows: see `openTextTarget`. */
export function openCsvTarget(target: string): TextTarget {
  return openTextTarget('--csv', target);
}

/** Rows as CSV: figures within figures become columns with a dot in their name; what explains a row is left to JSON. */
export function toCsv(rows: readonly object[]): string {
  return `${Papa.unparse(
    rows.map((row) => flatten(row)),
    { newline: '\n' },
  )}\n`;
}

function flatten(row: object, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]: [string, unknown]) => {
      if (key === 'explanation') return [];
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[`${prefix}${key}`, value]];
    }),
  );
}
