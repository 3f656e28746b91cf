import type { SoftmaxProblem } from '../../reference/softmax.ts';
import { u32, type Params } from '../../runtime/params.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { elementAliases, expOrNan, quad, quadStore, workgroupIndex } from '../lib.ts';
import { softmaxResult } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { softmaxTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(softmaxTexts, 'softmax/params');

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

const accessOf = ({ length, inner }: SoftmaxProblem): 'aligned' | 'scalar' =>
  (inner === 1 ? length : inner) % QUAD === 0 ? 'aligned' : 'scalar';

/** What a shader needs to load four numbers at once. */
export function loadShader(
  problem: SoftmaxProblem,
  access = accessOf(problem),
): Required<Omit<ShaderSource, 'constants'>> {
  return {
    extensions: problem.dtype === 'f16' ? ['f16'] : [],
    aliases: elementAliases(problem.dtype),
    parts: [workgroupIndex, expOrNan, quad[access]],
  };
}

/** What a shader needs besides to store four results at once. */
export const storeParts = (problem: SoftmaxProblem, access = accessOf(problem)): readonly ShaderPart[] => [
  resultPart(problem),
  quadStore[access],
];

/** What the kernels of one pass have in common that load and store four numbers at once, for a shader. */
export function quadShader(
  problem: SoftmaxProblem,
  access = accessOf(problem),
): Required<Omit<ShaderSource, 'constants'>> {
  const load = loadShader(problem, access);
  return { ...load, parts: [paramsPart, ...load.parts, ...storeParts(problem, access)] };
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
