import { gridSize, type Grids } from '../../reference/grids.ts';
import type { NormBackwardProblem, NormProblem } from '../../reference/norm.ts';
import { f32, u32, vec4u, type Params } from '../../runtime/params.ts';
import { input, output, type Binding } from '../../runtime/plan.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { elementAliases, quad, quadStore, workgroupIndex } from '../lib.ts';
import { quadResidual, affine, residualSum } from './snippets.ts';
import { part } from '../../wgsl/part.ts';
import { normTexts } from '../texts.ts';

/** The declaration of `Params`. */
export const paramsPart = part(normTexts, 'norm/params');

/** The uniform block of every kernel of norms. */
export function normParams(problem: NormBackwardProblem): Params {
  const length = gridSize(problem.reducedDims);
  return {
    rows: u32(gridSize(problem.keptDims)),
    length: u32(length),
    groups: u32(problem.groups),
    channels: u32(problem.channels),
    spatial: u32(problem.spatial),
    chunk: u32(Math.max(1, Math.ceil(Math.sqrt(length)))),
    epsilon: f32(problem.epsilon),
    keptDims: vec4u(problem.keptDims),
    keptStrides: vec4u(problem.keptStrides),
    reducedDims: vec4u(problem.reducedDims),
    reducedStrides: vec4u(problem.reducedStrides),
  };
}

/** Numbers that an invocation loads at once. */
export const QUAD = 4;

/** Whether rows have no gaps and follow each other. */
export function hasPlainRows({ keptDims, keptStrides, reducedDims, reducedStrides }: Grids): boolean {
  const length = gridSize(reducedDims);
  const rows = gridSize(keptDims);
  return (
    reducedDims[3] === length &&
    (length === 1 || reducedStrides[3] === 1) &&
    keptDims[3] === rows &&
    (rows === 1 || keptStrides[3] === length)
  );
}

/** What kernels need to read operands and to write results, for a shader: element by element, or four at a time. */
export function accessShader(problem: NormProblem, access: 'aligned' | 'scalar'): Required<ShaderSource> {
  const alignedChannels = access === 'aligned' && problem.spatial === 1;
  return {
    extensions: problem.dtype === 'f16' ? ['f16'] : [],
    aliases: elementAliases(problem.dtype),
    constants: {
      CENTERED: problem.kind === 'layer',
      SPATIAL: problem.spatial > 1,
      HAS_SCALE: problem.scale,
      HAS_BIAS: problem.bias,
    },
    parts: [
      paramsPart,
      workgroupIndex,
      quad[access],
      quadStore[access],
      affine[alignedChannels ? 'aligned' : 'scalar'],
      quadResidual[problem.residual ? access : 'none'],
      residualSum[problem.sum ? access : 'none'],
    ],
  };
}

/** All parts that `accessShader` may use, for kernels' `parts`. */
export const everyAccessPart: readonly ShaderPart[] = [
  paramsPart,
  workgroupIndex,
  ...[quad, quadStore, affine, quadResidual, residualSum].flatMap((group) =>
    Object.values<ShaderPart>(group),
  ),
];

/** Bindings in the order of `accessShader`'s parts. x stands in where there is no scale or no bias. */
export function accessBindings({ scale, bias, residual, sum }: NormProblem): readonly Binding[] {
  let next = 1;
  const operand = (given: boolean): Binding => input(given ? next++ : 0);
  return [
    input(0),
    output(0),
    operand(scale),
    operand(bias),
    ...(residual ? [operand(true)] : []),
    ...(sum ? [output(1)] : []),
  ];
}
