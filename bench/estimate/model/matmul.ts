import type { Hardware } from './hardware.ts';
import type { Form, Parameters } from './parameters.ts';

/** A batch of products, a [m, k] times b [k, n]. */
export interface MatmulShape {
  readonly kind: 'matmul';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch?: number;
}

/** An output tile, and how much longer its inner loop takes because it loads more operands for each operation. */
interface Tile {
  readonly m: number;
  readonly n: number;
  readonly slowdown: number;
  /** For products with so few rows or columns alone: their other operand streams from memory, which is counted apart. */
  readonly skinny?: boolean;
}

/**
 * Tiles that libraries choose among. Down to 128 x 64 the operands arrive in time; 64 x 64 loads 4/3 as much per operation,
 * and runs slower by as much.
 */
const TILES: readonly Tile[] = [
  { m: 256, n: 128, slowdown: 1 },
  { m: 128, n: 256, slowdown: 1 },
  { m: 128, n: 128, slowdown: 1 },
  { m: 128, n: 64, slowdown: 1 },
  { m: 64, n: 128, slowdown: 1 },
  { m: 64, n: 64, slowdown: 4 / 3 },
  { m: 16, n: 128, slowdown: 1, skinny: true },
  { m: 32, n: 128, slowdown: 1, skinny: true },
  { m: 128, n: 16, slowdown: 1, skinny: true },
  { m: 128, n: 32, slowdown: 1, skinny: true },
];

/** The tile that a product is done with, and what is lost by it. */
export interface Tiling {
  readonly tileM: number;
  readonly tileN: number;
  readonly waves: number;
  /** Share of the processors' time that goes into operations of the product: the rest is padding and idling. */
  readonly efficiency: number;
}

/**
 * The fastest tiling: each wave gives every processor one tile, the last one fills only some, and tiles that hang over the edge
 * are computed whole. A product of fewer tiles than processors may split k instead, at the price of adding up.
 */
export function bestTiling({ m, n, k, batch = 1 }: MatmulShape, processors: number): Tiling {
  const useful = m * n * batch;
  let best: Tiling = { tileM: 0, tileN: 0, waves: 0, efficiency: 0 };
  for (const { m: tileM, n: tileN, slowdown, skinny = false } of TILES) {
    if (skinny && Math.min(m, n) > Math.min(tileM, tileN)) continue;
    const tiles = Math.ceil(m / tileM) * Math.ceil(n / tileN) * batch;
    const splits = tiles >= processors ? 1 : Math.max(1, Math.min(Math.floor(processors / tiles), k / 1024));
    const waves = Math.ceil(tiles / processors);
    const efficiency = useful / ((waves * processors * tileM * tileN * slowdown) / splits);
    if (efficiency > best.efficiency) best = { tileM, tileN, waves, efficiency };
  }
  return best;
}

/** Time that the products' arithmetic takes at the boost clock. */
export function matmulArithmeticNs(
  shape: MatmulShape,
  hardware: Hardware,
  parameters: Pick<Parameters, 'issue'>,
): { readonly ns: number; readonly tiling: Tiling | undefined } {
  const { flopsPerNs, processors, instructionCeiling } = hardware;
  if (flopsPerNs === undefined) return { ns: 0, tiling: undefined };
  const flops = 2 * shape.m * shape.n * shape.k * (shape.batch ?? 1);
  const tiling = processors === undefined ? undefined : bestTiling(shape, processors);
  const efficiency = (tiling?.efficiency ?? 1) * parameters.issue * instructionCeiling;
  return { ns: flops / flopsPerNs / efficiency, tiling };
}

/** Two times that overlap: in part unless the form says otherwise, neither all of one hidden behind the other, nor one after the other. */
export function overlapped(aNs: number, bNs: number, { overlap }: Pick<Form, 'overlap'>): number {
  if (overlap === 'root of squares') return Math.hypot(aNs, bNs);
  return overlap === 'sum' ? aNs + bNs : Math.max(aNs, bNs);
}
