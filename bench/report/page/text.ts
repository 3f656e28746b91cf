import { stripVTControlCharacters } from 'node:util';
import type { MeasurementRow } from '../../schema.ts';

/** Lines of a text made for a terminal. */
export function plain(text: string): string[] {
  return stripVTControlCharacters(text).split('\n').filter(Boolean);
}

/** `matmul square, 512 x 512 x 512, f32`. */
export function rowName({
  op,
  label,
  shapeText,
  dtype,
}: Pick<MeasurementRow, 'op' | 'label' | 'shapeText' | 'dtype'>): string {
  return `${op} ${label}, ${shapeText}, ${dtype}`;
}
