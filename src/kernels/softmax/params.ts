import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { u32, type Params } from '../../runtime/params.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/compose.ts';
import { expOrNan, quad, quadStore, softmaxResult, workgroupIndex } from '../lib.ts';
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

/** Numbers that an invocation loads at once. */
export const QUAD = 4;

/** What is stored: shares, or their logarithms. */
export const resultPart = ({ log }: Pick<SoftmaxProblem, 'log'>): ShaderPart =>
  log ? softmaxResult.log : softmaxResult.share;

/** What the kernels that load four numbers at once have in common, for a shader. */
export function quadShader({
  log,
  dtype,
  length,
  inner,
}: SoftmaxProblem): Required<Omit<ShaderSource, 'constants'>> {
  const access = (inner === 1 ? length : inner) % QUAD === 0 ? 'aligned' : 'scalar';
  return {
    extensions: dtype === 'f16' ? ['f16'] : [],
    aliases: { Elem: dtype },
    parts: [paramsPart, workgroupIndex, expOrNan, resultPart({ log }), quad[access], quadStore[access]],
  };
}

/** All parts that `quadShader` may use, for kernels' `parts`. */
export const everyQuadPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  expOrNan,
  ...Object.values<ShaderPart>(softmaxResult),
  ...Object.values(quad),
  ...Object.values(quadStore),
];
