import type { MatmulProblem } from '../../reference/matmul.ts';
import type { Capabilities } from '../../runtime/capabilities.ts';
import type { ShaderPart, ShaderSource } from '../../wgsl/source.ts';
import { block, blockProducts } from './snippets.ts';
import { everyIntegerPart, everyMatmulPart, matmulShader, ofIntegers, productParts } from './shader.ts';
import { part } from '../../wgsl/part.ts';
import { matmulTexts } from '../texts.ts';

/** Sizes of the part of c that a workgroup makes, of a step along k (in fours for i8), and of what one invocation makes. */
export interface Tiles {
  readonly tileM: number;
  readonly tileN: number;
  readonly tileK: number;
  readonly threadM: number;
  readonly threadN: number;
}

const source = part(matmulTexts, 'matmul/tiled');

/** All that `tiledShader` uses, apart from `share`. */
export const everyTiledPart: readonly ShaderPart[] = [
  source,
  ...[block, blockProducts].flatMap((parts) => Object.values(parts)),
  ...everyIntegerPart,
  ...everyMatmulPart,
];

/**
 * The shader that multiplies out of registers.
 *
 * @param share the snippets of lib/share, and what they need
 * @param partial the sums are those of slices of k, and kept for `combine`
 */
export function tiledShader(
  problem: MatmulProblem,
  tiles: Tiles,
  caps: Capabilities,
  share: readonly ShaderPart[],
  partial = false,
): ShaderSource {
  const shader = matmulShader(problem, { a: 4, b: 4 }, partial);
  return {
    ...shader,
    extensions: problem.accumulate === 'f16' ? ['f16'] : shader.extensions,
    aliases: { ...shader.aliases, ...(!ofIntegers(problem) && { Sum: problem.accumulate }) },
    constants: {
      ...shader.constants,
      TILE_M: tiles.tileM,
      TILE_N: tiles.tileN,
      TILE_K: tiles.tileK,
      THREAD_M: tiles.threadM,
      THREAD_N: tiles.threadN,
      UNROLL: caps.software ? 1 : 8,
      A_ALONG_K: !problem.a.transposed,
      B_ALONG_K: problem.b.transposed,
    },
    parts: [
      ...shader.parts,
      ...productParts(problem, blockProducts, caps),
      block.a,
      block.b,
      ...share,
      source,
    ],
  };
}
