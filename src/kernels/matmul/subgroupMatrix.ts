import { isQuantized, type MatmulProblem } from '../../reference/matmul.ts';
import { defineKernel } from '../define.ts';
import { shareAll } from './snippets.ts';
import { canSlice, combinePart, productPlan, slicesFor, tileCount } from './combine.ts';
import {
  areLegal,
  ENOUGH_WORKGROUPS,
  everyMatrixPart,
  heuristicTiles,
  matricesRun,
  matrixShader,
  matrixTileSpace,
  type MatrixTiles,
} from './matrixShader.ts';
import { ofIntegers } from './shader.ts';

interface SubgroupMatrixConfig extends MatrixTiles, Record<string, number> {
  /** Into how many slices k is cut, where c has too few tiles to keep a GPU busy. */
  readonly splitK: number;
}

/**
 * Products of half precision with sums in f32, and of i8 with sums in i32, on tensor cores: any shape, any matrices that the
 * adapter has.
 */
export const subgroupMatrix = defineKernel<MatmulProblem, SubgroupMatrixConfig>({
  name: 'matmul/subgroupMatrix',
  parts: [...everyMatrixPart, combinePart, shareAll],
  space: { ...matrixTileSpace, splitK: [1, 2, 4, 8, 16] },
  supports(problem, caps) {
    const component = ofIntegers(problem) ? 'i8' : 'f16';
    if (problem.a.dtype !== component || !(problem.b.dtype === component || isQuantized(problem.b)))
      return 'tensor cores multiply half precision and i8, and other types must not lose digits';
    return matricesRun(problem, caps);
  },
  worthwhile: (_problem, caps) =>
    !caps.software || 'a software adapter multiplies faster without subgroup matrices',
  legal: (config, problem, caps) => areLegal(config, problem, caps) && canSlice(problem, config.splitK),
  heuristic(problem, caps) {
    const tiles = heuristicTiles(problem, caps);
    const workgroups = tileCount(problem, tiles.tileM, tiles.tileN);
    return { ...tiles, splitK: caps.software ? 1 : slicesFor(problem, workgroups, ENOUGH_WORKGROUPS) };
  },
  plan: (problem, config, caps) =>
    productPlan(
      problem,
      {
        label: 'matmul/subgroupMatrix',
        shader: matrixShader(problem, config, caps, { share: [shareAll], partial: config.splitK > 1 }),
        workgroups: tileCount(problem, config.tileM, config.tileN),
        slices: config.splitK,
      },
      caps,
    ),
});
