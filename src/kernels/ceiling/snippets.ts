// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import advanceDotAdd from '../../../shaders/lib/advance/dotAdd.wgsl?raw';
import advanceMultiplyAdd from '../../../shaders/lib/advance/multiplyAdd.wgsl?raw';

/** `Params`, `Step`, `stepOf(params)` and `advance(x, step)` of chains of arithmetic. */
export const advance: Readonly<Record<'multiplyAdd' | 'dotAdd', ShaderPart>> = {
  multiplyAdd: { path: 'lib/advance/multiplyAdd.wgsl', code: advanceMultiplyAdd },
  dotAdd: { path: 'lib/advance/dotAdd.wgsl', code: advanceDotAdd },
};
