// The WGSL snippets of shaders/lib that only this operation uses, each with one small interface that its first lines state.
import type { ShaderPart } from '../../wgsl/compose.ts';
import affineAligned from '../../../shaders/lib/affine/aligned.wgsl?raw';
import affineScalar from '../../../shaders/lib/affine/scalar.wgsl?raw';
import quadResidualAligned from '../../../shaders/lib/quadResidual/aligned.wgsl?raw';
import quadResidualNone from '../../../shaders/lib/quadResidual/none.wgsl?raw';
import quadResidualScalar from '../../../shaders/lib/quadResidual/scalar.wgsl?raw';
import residualSumAligned from '../../../shaders/lib/residualSum/aligned.wgsl?raw';
import residualSumNone from '../../../shaders/lib/residualSum/none.wgsl?raw';
import residualSumScalar from '../../../shaders/lib/residualSum/scalar.wgsl?raw';

/** `scaled(x, channels)` and `biased(x, channels)`; declares bindings 3 and 4. */
export const affine = {
  aligned: { path: 'lib/affine/aligned.wgsl', code: affineAligned },
  scalar: { path: 'lib/affine/scalar.wgsl', code: affineScalar },
} as const satisfies Record<string, ShaderPart>;

/** `addResidual(x, at)`; but for `none` declares binding 5. */
export const quadResidual = {
  none: { path: 'lib/quadResidual/none.wgsl', code: quadResidualNone },
  aligned: { path: 'lib/quadResidual/aligned.wgsl', code: quadResidualAligned },
  scalar: { path: 'lib/quadResidual/scalar.wgsl', code: quadResidualScalar },
} as const satisfies Record<string, ShaderPart>;

/** `storeSum(at, wanted, values)`; but for `none` declares binding 6. */
export const residualSum = {
  none: { path: 'lib/residualSum/none.wgsl', code: residualSumNone },
  aligned: { path: 'lib/residualSum/aligned.wgsl', code: residualSumAligned },
  scalar: { path: 'lib/residualSum/scalar.wgsl', code: residualSumScalar },
} as const satisfies Record<string, ShaderPart>;
