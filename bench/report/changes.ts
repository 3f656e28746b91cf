import pc from 'picocolors';
import { SIGNIFICANCE, type Change, type Changes, type Verdict } from '../compare/compareResults.ts';
import { formatRate, formatTime, shortKernelName, significant } from './format.ts';
import { renderTable, type Column } from './table.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  slower: pc.red('SLOWER'),
  faster: pc.green('faster'),
  same: '',
  tooFewSamples: pc.yellow('too few samples'),
  wrong: pc.red('NOW WRONG'),
  failed: pc.red('NOW FAILS'),
  mended: pc.green('now right'),
};

function valueText(value: number | null, unit: Change['unit']): string {
  if (value === null) return '';
  return unit === 'ns' ? formatTime(value) : formatRate(value, unit);
}

function kernelText({ before, after }: Change): string {
  if (before.kernel === after.kernel || after.kernel === '') return shortKernelName(before.kernel);
  return `${shortKernelName(before.kernel)} → ${shortKernelName(after.kernel)}`;
}

const columns: readonly Column<Change>[] = [
  { header: '', cell: ({ verdict }) => WORDS[verdict] },
  { header: 'what', cell: ({ kind, name }) => (kind === 'operation' ? name : `${kind}: ${name}`) },
  { header: 'shape', cell: ({ shapeText }) => shapeText },
  { header: 'type', dispensable: 3, cell: ({ dtype }) => dtype },
  { header: 'kernel', dispensable: 4, cell: kernelText },
  { header: 'before', align: 'right', cell: ({ before, unit }) => valueText(before.median, unit) },
  { header: 'after', align: 'right', cell: ({ after, unit }) => valueText(after.median, unit) },
  {
    header: 'time after / before',
    align: 'right',
    cell: ({ timeRatio }) =>
      timeRatio
        ? `${significant(timeRatio.median)} (${significant(timeRatio.low)} – ${significant(timeRatio.high)})`
        : '',
  },
  {
    header: 'p, adjusted',
    align: 'right',
    dispensable: 2,
    cell: ({ adjustedProbability: p }) => (p === null ? '' : p < 0.001 ? '< 0.001' : p.toFixed(3)),
  },
  {
    header: 'samples',
    align: 'right',
    dispensable: 5,
    cell: ({ before, after }) => `${before.samples}, ${after.samples}`,
  },
];

/** The order of the table: what matters first, then the larger change. */
const ORDER: readonly Verdict[] = ['wrong', 'failed', 'slower', 'tooFewSamples', 'mended', 'faster', 'same'];

function byWeight(a: Change, b: Change): number {
  const rank = ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict);
  const change = ({ timeRatio }: Change): number => (timeRatio ? Math.abs(Math.log(timeRatio.median)) : 0);
  return rank || change(b) - change(a);
}

/** Rows listed by name before the rest is only counted. */
const MAX_NAMES = 8;

function names(of: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  const rest = list.length > MAX_NAMES ? `, and ${list.length - MAX_NAMES} more` : '';
  return [`only in ${of}: ${list.slice(0, MAX_NAMES).join('; ')}${rest}`];
}

/** What got faster or slower, in a table, and what it rests on. */
export function renderChanges(
  changes: Changes,
  { thresholdPercent, width }: { readonly thresholdPercent: number; readonly width: number },
): string {
  const { incomparable, differences, rows, onlyBefore, onlyAfter } = changes;
  const notices = [
    ...(incomparable === null ? [] : [pc.yellow(`NOT COMPARABLE: ${incomparable}`)]),
    ...differences.map((text) => pc.dim(text)),
  ];
  const left = [...names('the first', onlyBefore), ...names('the second', onlyAfter)];
  if (rows.length === 0) {
    return [...notices, 'The files have no row in common: nothing was compared.', ...left].join('\n');
  }
  const shown = rows.filter(({ verdict }) => verdict !== 'same').toSorted(byWeight);
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  const broken = count('wrong') + count('failed');
  const sections = [
    notices.join('\n'),
    shown.length === 0 ? '' : renderTable(columns, shown, width),
    left.join('\n'),
    [
      `${rows.length} rows in common: ${count('slower')} slower, ${count('faster')} faster, ` +
        `${broken} wrong or failing that were not, ${count('same')} no different beyond noise and ${thresholdPercent} %.`,
      ...(count('tooFewSamples') > 0
        ? [
            `${count('tooFewSamples')} differ by more than ${thresholdPercent} %, but have so few samples that no difference could be told from noise: measure both without --quick.`,
          ]
        : []),
      pc.dim(
        `A difference is one of the medians by more than ${thresholdPercent} % whose probability, by a permutation test of the samples and adjusted for the number of rows after Holm, is at most ${SIGNIFICANCE}.`,
      ),
      ...ceilingLine(rows),
    ].join('\n'),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** Ceilings are measured by kernels that do nothing else: where they differ, so does the machine. */
function ceilingLine(rows: readonly Change[]): string[] {
  const changed = rows.filter(
    ({ kind, verdict }) => kind === 'ceiling' && (verdict === 'slower' || verdict === 'faster'),
  );
  if (changed.length === 0) return [];
  return [
    pc.yellow(
      `${changed.length} ceilings differ too: the machine itself was faster or slower (clock, heat, other work), which no program can mend. They are not counted as regressions.`,
    ),
  ];
}
