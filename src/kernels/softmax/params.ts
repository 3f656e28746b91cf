import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { u32, type Params } from '../../runtime/params.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import paramsSource from '../../../shaders/softmax/params.wgsl?raw';

/** The declaration of `Params`. */
export const paramsPart: ShaderPart = { path: 'softmax/params.wgsl', code: paramsSource };

/** The uniform block of every softmax kernel. */
export function softmaxParams({ outer, length, inner }: SoftmaxProblem): Params {
  return {
    rows: u32(outer * inner),
    length: u32(length),
    inner: u32(inner),
    chunk: u32(Math.max(1, Math.ceil(Math.sqrt(length)))),
  };
}
