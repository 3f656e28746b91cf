// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { DType } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/source.ts';
import { variants } from '../../wgsl/part.ts';
import { convertTexts } from '../texts.ts';

/** `Value` and `elementX(index)` of words x, by type of the elements. */
export const elementX = variants(convertTexts, 'lib/elementX', ['f32', 'i32', 'u32', 'i8', 'pairs']);

/** `PER_WORD` and `packY(values)`, a word. */
export const packY: Readonly<Record<DType, ShaderPart>> = variants(convertTexts, 'lib/packY', [
  'f32',
  'f16',
  'bf16',
  'i32',
  'u32',
  'i8',
]);
