import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import { defineKernel } from '../define.ts';
import { shareAll } from './snippets.ts';
import { canSlice, combinePart, productPlan, slicesFor, tileCount } from './combine.ts';
import { everyTiledPart, tiledShader, type Tiles } from './tiledShader.ts';

interface TiledConfig extends Tiles, Record<string, number> {
  /** Into how many slices k is cut, where c has too few tiles to keep a GPU busy. */
  readonly splitK: number;
}

const invocations = ({ tileM, tileN, threadM, threadN }: Tiles): number =>
  (tileM / threadM) * (tileN / threadN);

/** Both tiles in f32, or in words of four i8, with a vector of padding behind each line. */
const workgroupBytes = ({ tileM, tileN, tileK }: Tiles): number => 4 * tileK * (tileM + tileN + 8);

/** Outer products of register tiles, out of workgroup memory: any shape and type; dot products of four for i8. */
export const tiled = defineKernel<MatmulProblem, TiledConfig>({
  name: 'matmul/tiled',
  parts: [...everyTiledPart, combinePart, shareAll],
  space: {
    tileM: [32, 64, 128],
    tileN: [32, 64, 128],
    tileK: [8, 16, 32],
    threadM: [4, 8],
    threadN: [4, 8],
    splitK: [1, 2, 4, 8, 16],
  },
  supports: ({ gated, b }) =>
    !gated || b.transposed || 'a gated product needs b stored as [n, k], where both halves of n are lines',
  legal: (config, problem, caps) => isLegal(config, caps) && canSlice(problem, config.splitK),
  heuristic: heuristicConfig,
  plan: (problem, config, caps) =>
    productPlan(
      problem,
      {
        label: 'matmul/tiled',
        shader: tiledShader(problem, config, caps, [shareAll], config.splitK > 1),
        workgroups: tileCount(problem, config.tileM, config.tileN),
        slices: config.splitK,
      },
      caps,
    ),
});

function isLegal(config: Tiles, { limits }: Capabilities): boolean {
  const count = invocations(config);
  // Beyond 256 invocations, or one block of each operand fetched by an invocation, registers run out.
  return (
    count >= 64 &&
    count <= Math.min(256, limits.maxComputeInvocationsPerWorkgroup) &&
    Math.max(config.tileM, config.tileN) * config.tileK <= 16 * count &&
    workgroupBytes(config) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** Workgroups that keep a large GPU busy: two for each of about 130 cores. */
const ENOUGH_WORKGROUPS = 256;

/** From large tiles, which read memory least, to small ones, which make the most workgroups. */
const PREFERRED: readonly Tiles[] = [
  { tileM: 128, tileN: 64, tileK: 16, threadM: 8, threadN: 4 },
  { tileM: 64, tileN: 64, tileK: 16, threadM: 4, threadN: 4 },
  { tileM: 32, tileN: 64, tileK: 16, threadM: 4, threadN: 4 },
  { tileM: 32, tileN: 32, tileK: 16, threadM: 4, threadN: 4 },
];

/** What a software adapter is fastest with: as much as possible made out of registers by each invocation. */
const PREFERRED_BY_SOFTWARE: readonly Tiles[] = [
  { tileM: 128, tileN: 128, tileK: 16, threadM: 8, threadN: 8 },
  { tileM: 32, tileN: 128, tileK: 16, threadM: 4, threadN: 8 },
];

/** The first that is legal and fits: of which the result has many tiles, or for software at least a whole one. */
function heuristicConfig(problem: MatmulProblem, caps: Capabilities): TiledConfig {
  const { m, n } = problem;
  const fills = ({ tileM, tileN }: Tiles): boolean =>
    caps.software ? m >= tileM && n >= tileN : tileCount(problem, tileM, tileN) >= ENOUGH_WORKGROUPS;
  const candidates = caps.software ? [...PREFERRED_BY_SOFTWARE, PREFERRED.at(-1)!] : PREFERRED;
  const legal = candidates.filter((config) => isLegal(config, caps));
  const tiles = legal.find(fills) ?? legal.at(-1)!;
  const workgroups = tileCount(problem, tiles.tileM, tiles.tileN);
  return { ...tiles, splitK: caps.software ? 1 : slicesFor(problem, workgroups, ENOUGH_WORKGROUPS) };
}
