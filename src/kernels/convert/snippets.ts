// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { DType } from '../../tensor.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import elementXF32 from '../../../shaders/lib/elementX/f32.wgsl?raw';
import elementXI32 from '../../../shaders/lib/elementX/i32.wgsl?raw';
import elementXI8 from '../../../shaders/lib/elementX/i8.wgsl?raw';
import elementXPairs from '../../../shaders/lib/elementX/pairs.wgsl?raw';
import elementXU32 from '../../../shaders/lib/elementX/u32.wgsl?raw';
import packYBf16 from '../../../shaders/lib/packY/bf16.wgsl?raw';
import packYF16 from '../../../shaders/lib/packY/f16.wgsl?raw';
import packYF32 from '../../../shaders/lib/packY/f32.wgsl?raw';
import packYI32 from '../../../shaders/lib/packY/i32.wgsl?raw';
import packYI8 from '../../../shaders/lib/packY/i8.wgsl?raw';
import packYU32 from '../../../shaders/lib/packY/u32.wgsl?raw';

/** `Value` and `elementX(index)` of words x, by type of the elements. */
export const elementX: Readonly<Record<'f32' | 'i32' | 'u32' | 'i8' | 'pairs', ShaderPart>> = {
  f32: { path: 'lib/elementX/f32.wgsl', code: elementXF32 },
  i32: { path: 'lib/elementX/i32.wgsl', code: elementXI32 },
  u32: { path: 'lib/elementX/u32.wgsl', code: elementXU32 },
  i8: { path: 'lib/elementX/i8.wgsl', code: elementXI8 },
  pairs: { path: 'lib/elementX/pairs.wgsl', code: elementXPairs },
};

/** `PER_WORD` and `packY(values)`, a word. */
export const packY: Readonly<Record<DType, ShaderPart>> = {
  f32: { path: 'lib/packY/f32.wgsl', code: packYF32 },
  f16: { path: 'lib/packY/f16.wgsl', code: packYF16 },
  bf16: { path: 'lib/packY/bf16.wgsl', code: packYBf16 },
  i32: { path: 'lib/packY/i32.wgsl', code: packYI32 },
  u32: { path: 'lib/packY/u32.wgsl', code: packYU32 },
  i8: { path: 'lib/packY/i8.wgsl', code: packYI8 },
};
