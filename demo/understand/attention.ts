import { html, svg, type SVGTemplateResult } from 'lit';
import { attention, matmul, openDevice } from 'tilewise';
import { formatNumber, formatPercent } from '../format.ts';
import { range, type Lesson, type Scene, type Settings, type Story } from './lesson.ts';
import { drawNumbers } from './numbers.ts';

const QUERIES = 16;
const KEYS = 16;
const HEAD_DIM = 8;
const TILE = 4;
const CELL = 18;

/** What a query holds after some tiles of keys. */
interface Running {
  readonly tile: number;
  readonly maximum: number;
  /** What older sums were multiplied by, because the maximum grew. */
  readonly rescale: number;
  readonly sum: number;
  /** The first element of the output, not yet divided by the sum. */
  readonly output: number;
}

/** Tiles of scores, one after the other, and the softmax that is kept up to date meanwhile. */
export const attentionLesson: Lesson = {
  id: 'attention',
  title: 'Attention',
  lead: 'Flash attention never stores the scores. A workgroup takes some queries, walks along the keys, and keeps a running maximum and sum for each query.',
  settings: [
    {
      name: 'mask',
      label: 'Mask',
      initial: 'causal',
      options: [
        { value: 'causal', label: 'causal' },
        { value: 'none', label: 'none' },
      ],
    },
    {
      name: 'query',
      label: 'Query shown',
      initial: '14',
      options: ['3', '9', '14'].map((value) => ({ value, label: value })),
    },
  ],
  viewBox: `-2 -16 ${KEYS * CELL + 4} ${QUERIES * CELL + 38}`,
  tell,
};

async function tell(settings: Settings): Promise<Story> {
  const causal = settings['mask'] === 'causal';
  const query = Number(settings['query']);
  // Keys for which the maximum of the later queries grows, and more than once.
  const [q, k, v] = [1, 36, 3].map((seed) => drawNumbers(QUERIES * HEAD_DIM, seed)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const cpu = await openDevice({ backend: 'cpu' });
  const shape = [1, 1, KEYS, HEAD_DIM];
  const scores = await matmul(cpu.tensor(q, [QUERIES, HEAD_DIM]), cpu.tensor(k, [KEYS, HEAD_DIM]), {
    transposeB: true,
    alpha: 1 / Math.sqrt(HEAD_DIM),
  }).read();
  const expected = await attention(cpu.tensor(q, shape), cpu.tensor(k, shape), cpu.tensor(v, shape), {
    causal: causal ? 'lower-right' : false,
  }).read();

  const seen = causal ? query + 1 : KEYS;
  const states: Running[] = [];
  let last: Running = { tile: -1, maximum: -Infinity, rescale: 0, sum: 0, output: 0 };
  // A workgroup goes as far as the last of its queries sees.
  const lastQuery = Math.floor(query / TILE) * TILE + TILE - 1;
  const tiles = Math.ceil((causal ? lastQuery + 1 : KEYS) / TILE);
  for (let tile = 0; tile < tiles; tile++) {
    const keys = Array.from({ length: TILE }, (_, i) => tile * TILE + i).filter((key) => key < seen);
    const maximum = Math.max(last.maximum, ...keys.map((key) => scores[query * KEYS + key]!));
    const rescale = tile === 0 ? 0 : Math.exp(last.maximum - maximum);
    let { sum, output } = last;
    sum *= rescale;
    output *= rescale;
    for (const key of keys) {
      const weight = Math.exp(scores[query * KEYS + key]! - maximum);
      sum += weight;
      output += weight * v[key * HEAD_DIM]!;
    }
    last = { tile, maximum, rescale, sum, output };
    states.push(last);
  }
  const steps = tiles + 1;

  const words = (step: number): string => {
    const first = lastQuery - TILE + 1;
    if (step === 0) {
      return `The workgroup of queries ${range(first, TILE)} begins. For query ${query} its maximum is −∞ and its sum 0.`;
    }
    if (step === steps) {
      return (
        `The end: the output is divided by the sum. Its first element is ${formatNumber(last.output / last.sum)}; the CPU ` +
        `path gives ${formatNumber(expected[query * HEAD_DIM]!)}.`
      );
    }
    const { tile, maximum, rescale, sum } = states[step - 1]!;
    const before = states[step - 2];
    const grown = before !== undefined && maximum > before.maximum;
    const rescaled =
      before === undefined
        ? ''
        : grown
          ? ` The maximum grew from ${formatNumber(before.maximum)}, so the older sum and output are multiplied by ${formatNumber(rescale)}.`
          : ' The maximum stays, so nothing is rescaled.';
    return (
      `Keys ${range(tile * TILE, TILE)}: the scores of query ${query} are made and used at once. Maximum ` +
      `${formatNumber(maximum)}, sum ${formatNumber(sum)}.${rescaled}`
    );
  };

  return {
    steps,
    scene: (step): Scene => ({
      drawing: drawing(scores, causal, query, Math.min(step, tiles), tiles),
      words: words(step),
    }),
    summary: (step) => html`
      <table role="table" aria-label="What query ${query} holds after each tile of keys">
        <thead role="rowgroup">
          <tr role="row">
            ${['Keys', 'Maximum', 'Rescaled by', 'Sum', 'Output, first'].map(
              (name) => html`<th role="columnheader" scope="col">${name}</th>`,
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${states.map(
            ({ tile, maximum, rescale, sum, output }, index) => html`
              <tr class="row" role="row">
                <th role="rowheader" scope="row">${range(tile * TILE, TILE)}</th>
                <td role="cell" data-label="Maximum" class="number">
                  ${index < step ? formatNumber(maximum) : '–'}
                </td>
                <td role="cell" data-label="Rescaled by" class="number">
                  ${index > 0 && index < step ? formatNumber(rescale) : '–'}
                </td>
                <td role="cell" data-label="Sum" class="number">${index < step ? formatNumber(sum) : '–'}</td>
                <td role="cell" data-label="Output, first" class="number">
                  ${index < step ? formatNumber(output) : '–'}
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      ${savings(causal)}
    `,
  };
}

function savings(causal: boolean): unknown {
  const share = (tiles: number): number => (tiles + 1) / (2 * tiles);
  const along = KEYS / TILE;
  return causal
    ? html`<p>
        Tiles above the diagonal are never visited: ${(along * (along + 1)) / 2} of ${along * along} are left,
        and only those on the diagonal need the mask. With 4,096 tokens and tiles of 64 it is
        ${formatPercent(share(64))} of the work.
      </p>`
    : html`<p>
        Without a mask every query sees every key, and all ${along * along} tiles are visited. Choose the
        causal mask to see what it saves.
      </p>`;
}

function drawing(
  scores: ArrayLike<number>,
  causal: boolean,
  query: number,
  done: number,
  tiles: number,
): SVGTemplateResult {
  const group = Math.floor(query / TILE);
  const along = KEYS / TILE;
  const side = TILE * CELL;
  const largest = Math.max(...Array.from(scores, Math.abs));
  const blocks = Array.from({ length: along * along }, (_, index) => {
    const [row, column] = [Math.floor(index / along), index % along];
    const skipped = causal && column > row;
    const mine = row === group;
    const kind = skipped
      ? 'skipped'
      : !mine
        ? 'paper'
        : column === done - 1
          ? 'current tile'
          : column < done
            ? 'read'
            : 'stripe';
    return svg`<rect class=${kind} x=${column * side} y=${row * side} width=${side} height=${side} />`;
  });
  const cells = Array.from({ length: TILE * Math.min(done, tiles) }, (_, key) => {
    const masked = causal && key > query;
    const score = scores[query * KEYS + key]!;
    const height = (Math.abs(score) / largest) * (CELL - 4);
    return masked
      ? svg`<path class="cross" d="M${key * CELL + 5} ${query * CELL + 5}l8 8m0 -8l-8 8" />`
      : svg`<rect class=${score < 0 ? 'negative' : 'positive'} x=${key * CELL + 5} width="8" y=${query * CELL + CELL - 2 - height} height=${height} />`;
  });
  const lines = Array.from(
    { length: along + 1 },
    (_, i) => `M${i * side} 0v${along * side}M0 ${i * side}h${along * side}`,
  );
  return svg`
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path class="hatch" d="M0 0v6" />
      </pattern>
    </defs>
    <text x="0" y="-4">keys →</text>
    <text x=${KEYS * CELL} y="-4" text-anchor="end">${causal ? 'hatched: skipped' : ''}</text>
    ${blocks}
    <rect class="row-shown" x="0" y=${query * CELL} width=${KEYS * CELL} height=${CELL} />
    ${cells}
    <path class="grid" d=${lines.join('')} />
    <text x="0" y=${QUERIES * CELL + 14}>queries ↓, one workgroup for each row of tiles</text>
  `;
}
