import { html, svg, type SVGTemplateResult } from 'lit';
import { openDevice, sum } from 'tilewise';
import { formatNumber } from '../format.ts';
import type { Lesson, Scene, Settings, Story } from './lesson.ts';
import { drawNumbers } from './numbers.ts';

const COUNT = 16;
const SUBGROUP = 4;
const CELL = 22;
const LEVEL = 58;

/** Partial sums at a moment: those that no longer count are undefined. */
interface Level {
  readonly values: readonly (number | undefined)[];
  /** Which of the level above each is made of. */
  readonly sources: readonly (readonly number[])[];
  readonly words: string;
  /** The workgroup waits for all its invocations afterwards. */
  readonly barrier: boolean;
}

/** Sixteen numbers to one, by halves through workgroup memory or by subgroups. */
export const reductionLesson: Lesson = {
  id: 'reduction',
  title: 'Reduction',
  lead: 'A workgroup adds numbers up in a tree. Every level through workgroup memory costs a barrier; a subgroup adds its lanes without one.',
  settings: [
    {
      name: 'way',
      label: 'Way',
      initial: 'memory',
      options: [
        { value: 'memory', label: 'through workgroup memory' },
        { value: 'subgroups', label: 'with subgroups of 4' },
      ],
    },
  ],
  viewBox: `-2 -4 ${COUNT * CELL + 4} ${4 * LEVEL + 30}`,
  tell,
};

async function tell(settings: Settings): Promise<Story> {
  // Whole numbers, which fit into the drawing.
  const data = drawNumbers(COUNT, 5).map((value) => 4 * value);
  const cpu = await openDevice({ backend: 'cpu' });
  const [expected] = await sum(cpu.tensor(data, [COUNT])).read();
  const levels = settings['way'] === 'subgroups' ? bySubgroups(data) : byHalves(data);
  const barriers = levels.filter(({ barrier }) => barrier).length;
  return {
    steps: levels.length - 1,
    scene: (step): Scene => ({
      drawing: drawing(levels.slice(0, step + 1)),
      words:
        step === levels.length - 1
          ? `${levels[step]!.words} The CPU path gives ${formatNumber(expected!)}.`
          : levels[step]!.words,
    }),
    summary: () => html`
      <p>
        ${levels.length - 1} levels and ${barriers} ${barriers === 1 ? 'barrier' : 'barriers'}. A workgroup of
        256 needs 7 barriers through workgroup memory, and with subgroups of 32 one: that is why kernels come
        in both ways, and why the order of the additions, and with it the last bits, differs between GPUs
        unless <code>reproducible</code> is asked for.
      </p>
    `,
  };
}

function byHalves(data: Float32Array): Level[] {
  const levels: Level[] = [firstLevel(data)];
  for (let half = COUNT / 2; half >= 1; half /= 2) {
    const above = levels.at(-1)!.values;
    const values = above.map((value, i) => (i < half ? value! + above[i + half]! : undefined));
    levels.push({
      values,
      sources: values.map((value, i) => (value === undefined ? [] : [i, i + half])),
      barrier: half > 1,
      words:
        half === 1
          ? `Invocation 0 adds the last two: ${formatNumber(values[0]!)}.`
          : `Invocations 0…${half - 1} each add the number ${half} places on, from workgroup memory. Then a barrier: no one may read before all have written.`,
    });
  }
  return levels;
}

function bySubgroups(data: Float32Array): Level[] {
  const first = firstLevel(data);
  const groups = COUNT / SUBGROUP;
  const partial = Array.from({ length: groups }, (_, group) =>
    data.subarray(group * SUBGROUP, (group + 1) * SUBGROUP).reduce((a, b) => a + b),
  );
  const total = partial.reduce((a, b) => a + b);
  const lanes = (start: number): number[] => Array.from({ length: SUBGROUP }, (_, lane) => start + lane);
  return [
    first,
    {
      values: first.values.map((_, i) => (i % SUBGROUP === 0 ? partial[i / SUBGROUP] : undefined)),
      sources: first.values.map((_, i) => (i % SUBGROUP === 0 ? lanes(i) : [])),
      barrier: true,
      words: `Each subgroup adds its ${SUBGROUP} lanes by subgroupAdd, in registers, and writes one number. Then the only barrier.`,
    },
    {
      values: first.values.map((_, i) => (i === 0 ? total : undefined)),
      sources: first.values.map((_, i) =>
        i === 0 ? Array.from({ length: groups }, (_, group) => group * SUBGROUP) : [],
      ),
      barrier: false,
      words: `The first subgroup adds what the ${groups} have written: ${formatNumber(total)}.`,
    },
  ];
}

function firstLevel(data: Float32Array): Level {
  return {
    values: [...data],
    sources: Array.from(data, () => []),
    barrier: false,
    words: `${COUNT} invocations hold a number each.`,
  };
}

function drawing(levels: readonly Level[]): SVGTemplateResult {
  const x = (i: number): number => i * CELL + CELL / 2;
  const drawn = levels.map(({ values, sources, barrier }, level) => {
    const y = level * LEVEL;
    const current = level === levels.length - 1;
    const lines = sources.flatMap((from, i) =>
      from.map((source) => `M${x(source)} ${y - LEVEL + 20}L${x(i)} ${y}`),
    );
    return svg`
      <path class="flow" d=${lines.join('')} />
      ${values.map((value, i) =>
        value === undefined
          ? svg``
          : svg`
            <rect class=${current ? 'current' : 'read'} x=${i * CELL + 1} y=${y} width=${CELL - 2} height="20" rx="3" />
            <text class=${current ? 'on-current' : ''} x=${x(i)} y=${y + 14} text-anchor="middle">${value}</text>
          `,
      )}
      ${barrier ? svg`<path class="barrier" d="M0 ${y + 26}h${COUNT * CELL}" /><text x=${COUNT * CELL} y=${y + 38} text-anchor="end">barrier</text>` : svg``}
    `;
  });
  return svg`${drawn}`;
}
