import { batchCount, type MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { ShaderPart } from '../../wgsl/compose.ts';
import { ceilDiv, defineKernel, foldWorkgroups } from '../define.ts';
import { matmulParams } from './params.ts';
import { everyMatmulPart, matmulBindings, matmulShader } from './shader.ts';
import tiledSource from '../../../shaders/matmul/tiled.wgsl?raw';

/** Sizes of the part of c that a workgroup makes, of a step along k, and of what one invocation makes. */
type TiledConfig = {
  readonly tileM: number;
  readonly tileN: number;
  readonly tileK: number;
  readonly threadM: number;
  readonly threadN: number;
};

const source: ShaderPart = { path: 'matmul/tiled.wgsl', code: tiledSource };

const invocations = ({ tileM, tileN, threadM, threadN }: TiledConfig): number =>
  (tileM / threadM) * (tileN / threadN);

/** Both tiles in f32, with a vector of padding behind each line. */
const workgroupBytes = ({ tileM, tileN, tileK }: TiledConfig): number => 4 * tileK * (tileM + tileN + 8);

/** Outer products of register tiles, out of workgroup memory: any shape and type. */
export const tiled = defineKernel<MatmulProblem, TiledConfig>({
  name: 'matmul/tiled',
  parts: [source, ...everyMatmulPart],
  space: {
    tileM: [32, 64, 128],
    tileN: [32, 64, 128],
    tileK: [8, 16, 32],
    threadM: [4, 8],
    threadN: [4, 8],
  },
  supports: ({ gated, b }) =>
    !gated || b.transposed || 'a gated product needs b stored as [n, k], where both halves of n are lines',
  legal: (config, _problem, caps) => isLegal(config, caps),
  heuristic: heuristicConfig,
  plan(problem, config, caps) {
    const tiles = batchCount(problem) * ceilDiv(problem.m, config.tileM) * ceilDiv(problem.n, config.tileN);
    const shader = matmulShader(problem, { a: 4, b: 4 });
    return {
      scratchBytes: [],
      passes: [
        {
          label: 'matmul/tiled',
          shader: {
            ...shader,
            aliases: { ...shader.aliases, Sum: problem.accumulate },
            constants: {
              ...shader.constants,
              TILE_M: config.tileM,
              TILE_N: config.tileN,
              TILE_K: config.tileK,
              THREAD_M: config.threadM,
              THREAD_N: config.threadN,
              UNROLL: caps.software ? 1 : 8,
              A_ALONG_K: !problem.a.transposed,
              B_ALONG_K: problem.b.transposed,
            },
            parts: [...shader.parts, source],
          },
          params: matmulParams(problem),
          bindings: matmulBindings(problem),
          workgroups: foldWorkgroups(tiles, caps),
        },
      ],
    };
  },
});

function isLegal(config: TiledConfig, { limits }: Capabilities): boolean {
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
const PREFERRED: readonly TiledConfig[] = [
  { tileM: 128, tileN: 64, tileK: 16, threadM: 8, threadN: 4 },
  { tileM: 64, tileN: 64, tileK: 16, threadM: 4, threadN: 4 },
  { tileM: 32, tileN: 64, tileK: 16, threadM: 4, threadN: 4 },
  { tileM: 32, tileN: 32, tileK: 16, threadM: 4, threadN: 4 },
];

/** What a software adapter is fastest with: as much as possible made out of registers by each invocation. */
const PREFERRED_BY_SOFTWARE: readonly TiledConfig[] = [
  { tileM: 128, tileN: 128, tileK: 16, threadM: 8, threadN: 8 },
  { tileM: 32, tileN: 128, tileK: 16, threadM: 4, threadN: 8 },
];

/** The first that is legal and fits: of which the result has many tiles, or for software at least a whole one. */
function heuristicConfig(problem: MatmulProblem, caps: Capabilities): TiledConfig {
  const { m, n } = problem;
  const fills = ({ tileM, tileN }: TiledConfig): boolean =>
    caps.software
      ? m >= tileM && n >= tileN
      : batchCount(problem) * ceilDiv(m, tileM) * ceilDiv(n, tileN) >= ENOUGH_WORKGROUPS;
  const candidates = caps.software ? [...PREFERRED_BY_SOFTWARE, PREFERRED.at(-1)!] : PREFERRED;
  const legal = candidates.filter((config) => isLegal(config, caps));
  return legal.find(fills) ?? legal.at(-1)!;
}
