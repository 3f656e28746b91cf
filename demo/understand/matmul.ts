import { html, svg, type SVGTemplateResult } from 'lit';
import { matmul, openDevice } from 'tilewise';
import { formatCount, formatNumber, formatPercent } from '../format.ts';
import { range, type Lesson, type Scene, type Settings, type Story } from './lesson.ts';
import { drawNumbers } from './numbers.ts';

const M = 12;
const N = 12;
const K = 16;
const TILE_K = 4;
const CELL = 12;
const GAP = 20;

/** Where the three matrices lie: a to the left of c, b above it. */
const A = { x: 0, y: K * CELL + GAP };
const B = { x: K * CELL + GAP, y: 0 };
const C = { x: B.x, y: A.y };
const SIZE = K * CELL + GAP + N * CELL;

/** A tile of c, its stripes of a and b, and the walk along k. */
export const matmulLesson: Lesson = {
  id: 'matmul',
  title: 'Matrix product',
  lead: 'Each workgroup makes one tile of c. It walks along k, and what it loads at each step serves a whole tile of results.',
  settings: [
    {
      name: 'tile',
      label: 'Tile of a workgroup',
      initial: '4',
      options: [2, 4, 6].map((size) => ({ value: String(size), label: `${size} × ${size}` })),
    },
    {
      name: 'workgroup',
      label: 'Workgroup shown',
      initial: 'middle',
      options: [
        { value: 'first', label: 'the first' },
        { value: 'middle', label: 'one in the middle' },
        { value: 'last', label: 'the last' },
      ],
    },
  ],
  viewBox: `-2 -16 ${SIZE + 4} ${SIZE + 20}`,
  tell,
};

async function tell(settings: Settings): Promise<Story> {
  const tile = Number(settings['tile']);
  const along = M / tile;
  const at = { first: 0, middle: Math.floor(along / 2), last: along - 1 }[settings['workgroup']!] ?? 0;
  const [a, b] = [drawNumbers(M * K, 1), drawNumbers(K * N, 2)];
  const cpu = await openDevice({ backend: 'cpu' });
  const c = await matmul(cpu.tensor(a, [M, K]), cpu.tensor(b, [K, N])).read();
  const top = at * tile;
  const left = at * tile;
  const steps = K / TILE_K;

  /** The first element of the tile after some steps. */
  const sumAfter = (step: number): number => {
    let sum = 0;
    for (let p = 0; p < step * TILE_K; p++) sum += a[top * K + p]! * b[p * N + left]!;
    return sum;
  };

  const words = (step: number): string => {
    const result = `c[${top}, ${left}]`;
    if (step === 0) {
      return (
        `${along * along} workgroups make c, each a tile of ${tile} × ${tile}. The one shown makes rows ${range(top, tile)} ` +
        `and columns ${range(left, tile)}; its sums start at 0.`
      );
    }
    const from = (step - 1) * TILE_K;
    const now =
      `Step ${step} of ${steps}: it loads a[${range(top, tile)}, ${range(from, TILE_K)}] and ` +
      `b[${range(from, TILE_K)}, ${range(left, tile)}], ${2 * tile * TILE_K} numbers, for ${tile * tile * TILE_K} ` +
      `multiply-adds. ${result} is ${formatNumber(sumAfter(step))}`;
    return step < steps
      ? `${now} so far.`
      : `${now}: the CPU path gives ${formatNumber(c[top * N + left]!)}. The tile is stored.`;
  };

  return {
    steps,
    scene: (step): Scene => ({ drawing: drawing(tile, top, left, step), words: words(step) }),
    summary: () => {
      const plain = 2 * M * N * K;
      const tiled = M * N * K * (2 / tile);
      return html`
        <p>
          One invocation for each result would read ${formatCount(plain)} numbers from memory. With tiles of
          ${tile} × ${tile} it is ${formatCount(tiled)}, ${formatPercent(tiled / plain)} of them; with 128 ×
          128, as on a GPU, under 1 %. Larger tiles read less, and make fewer workgroups to fill a GPU with.
        </p>
      `;
    },
  };
}

function drawing(tile: number, top: number, left: number, step: number): SVGTemplateResult {
  const now = (step - 1) * TILE_K;
  const done = step * TILE_K;
  return svg`
    ${matrix(A, M, K, 'a [m, k]')} ${matrix(B, K, N, 'b [k, n]')} ${matrix(C, M, N, 'c [m, n]')}
    ${owned(tile)}
    ${block(A, top, 0, tile, K, 'stripe')} ${block(B, 0, left, K, tile, 'stripe')}
    ${block(A, top, 0, tile, Math.max(0, now), 'read')} ${block(B, 0, left, Math.max(0, now), tile, 'read')}
    ${
      step > 0
        ? svg`${block(A, top, now, tile, TILE_K, 'current')} ${block(B, now, left, TILE_K, tile, 'current')}`
        : svg``
    }
    ${block(C, top, left, tile, tile, done >= K ? 'finished' : 'mine', done / K)}
    ${grid(A, M, K)} ${grid(B, K, N)} ${grid(C, M, N)}
  `;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function matrix({ x, y }: Place, rows: number, columns: number, name: string): SVGTemplateResult {
  return svg`
    <rect class="paper" x=${x} y=${y} width=${columns * CELL} height=${rows * CELL} />
    <text x=${x} y=${y - 4}>${name}</text>
  `;
}

function grid({ x, y }: Place, rows: number, columns: number): SVGTemplateResult {
  const vertical = Array.from({ length: columns + 1 }, (_, i) => `M${x + i * CELL} ${y}v${rows * CELL}`);
  const horizontal = Array.from({ length: rows + 1 }, (_, i) => `M${x} ${y + i * CELL}h${columns * CELL}`);
  return svg`<path class="grid" d=${[...vertical, ...horizontal].join('')} />`;
}

/** Tiles of c, each of one workgroup. */
function owned(tile: number): SVGTemplateResult[] {
  const along = M / tile;
  return Array.from({ length: along * along }, (_, index) => {
    const [row, column] = [Math.floor(index / along), index % along];
    return block(C, row * tile, column * tile, tile, tile, (row + column) % 2 === 0 ? 'even' : 'odd');
  });
}

function block(
  { x, y }: Place,
  row: number,
  column: number,
  rows: number,
  columns: number,
  kind: string,
  opacity = 1,
): SVGTemplateResult {
  return svg`<rect
    class=${kind}
    x=${x + column * CELL}
    y=${y + row * CELL}
    width=${columns * CELL}
    height=${rows * CELL}
    fill-opacity=${opacity}
  />`;
}
