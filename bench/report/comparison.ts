import { geometricMean } from 'simple-statistics';
import pc from 'picocolors';
import type { Comparison, ComparisonRow, PeerOutcome } from '../schema.ts';
import {
  formatBytes,
  formatPercent,
  formatTime,
  scaledDownNotes,
  shapeCell,
  shortKernelName,
  significant,
} from './format.ts';
import { renderTable, type Column } from './table.ts';

/** How two times compare: the interval of their ratio lies above 1, below it, or holds it. */
type Verdict = 'faster' | 'slower' | 'undecided';

function verdict({ low, high }: { readonly low: number; readonly high: number }): Verdict {
  return low > 1 ? 'faster' : high < 1 ? 'slower' : 'undecided';
}

/** `1.42 (1.38 – 1.47)`; what is below 1 is marked by a word too, since colours get lost in files. */
function ratioText({ ratio, status, reason }: PeerOutcome): string {
  if (!ratio) return status === 'notOffered' ? pc.dim(reason ?? '') : pc.red(status.toUpperCase());
  const { median, low, high } = ratio;
  const text = `${significant(median)} (${significant(low)} – ${significant(high)})`;
  if (median >= 1) return text;
  return verdict(ratio) === 'slower' ? pc.red(`${text} slower`) : pc.yellow(`${text} slower?`);
}

function peerColumn(name: string): Column<ComparisonRow> {
  return {
    header: name,
    align: 'right',
    cell({ peers }) {
      const outcome = peers.find((peer) => peer.name === name);
      return outcome ? ratioText(outcome) : '';
    },
  };
}

const OWN_COLUMNS: readonly Column<ComparisonRow>[] = [
  { header: 'operation', cell: ({ op, label }) => `${op} ${pc.dim(label)}` },
  { header: 'shape', cell: shapeCell },
  { header: 'type', cell: ({ dtype }) => dtype },
  { header: 'kernel', dispensable: 2, cell: ({ kernel }) => shortKernelName(kernel) },
  {
    header: 'Tilewise',
    align: 'right',
    dispensable: 1,
    cell: ({ timeNs }) => (timeNs ? formatTime(timeNs.median) : pc.red('WRONG')),
  },
  {
    header: 'to move',
    align: 'right',
    dispensable: 3,
    cell: ({ workingSetBytes }) => formatBytes(workingSetBytes),
  },
  {
    header: 'of ceiling',
    align: 'right',
    dispensable: 4,
    cell: ({ ceilingPercent }) => (ceilingPercent === null ? '' : formatPercent(ceilingPercent)),
  },
  { header: 'which', dispensable: 5, cell: ({ ceiling }) => pc.dim(ceiling ?? '') },
];

/** Columns of the table of ratios, one for each library that takes part. */
export function comparisonColumns(playing: readonly string[]): readonly Column<ComparisonRow>[] {
  return [...OWN_COLUMNS, ...playing.map(peerColumn)];
}

/** Who takes part and who does not, the table of ratios, and what they come to. */
export function renderComparison({ peers, rows }: Comparison, width: number): string {
  const playing = peers.filter(({ version }) => version !== null).map(({ name }) => name);
  if (playing.length === 0) return 'None of the libraries takes part: nothing was compared.';
  if (rows.length === 0) return 'Nothing was compared.';
  const sections = [
    'Time of each library divided by that of Tilewise, with its interval: above 1 Tilewise is faster.',
    renderTable(comparisonColumns(playing), rows, width),
    ...scaledDownNotes(rows),
    '',
    ...comparisonSummary(playing, rows),
  ];
  return sections.join('\n');
}

/** What the ratios come to, a line for each library, then what went wrong. */
export function comparisonSummary(playing: readonly string[], rows: readonly ComparisonRow[]): string[] {
  return [...playing.map((name) => summaryLine(name, rows)), ...rows.flatMap(troubleLines)];
}

function summaryLine(name: string, rows: readonly ComparisonRow[]): string {
  const ratios = rows.flatMap(({ peers }) => peers.find((peer) => peer.name === name)?.ratio ?? []);
  if (ratios.length === 0) return `${name}: no row in common`;
  const count = (wanted: Verdict): number => ratios.filter((ratio) => verdict(ratio) === wanted).length;
  const mean = significant(geometricMean(ratios.map(({ median }) => median)));
  return (
    `${name}: Tilewise faster in ${count('faster')} of ${ratios.length} rows, slower in ${count('slower')}, ` +
    `undecided in ${count('undecided')}; geometric mean of the ratios ${mean}`
  );
}

/** Results that were wrong and libraries that could not run, one line each. */
function troubleLines(row: ComparisonRow): string[] {
  const name = `${row.op} ${row.label} ${row.shapeText} ${row.dtype}`;
  const own = row.checked.passed ? [] : [`${pc.red('WRONG')} ${name}: ${row.checked.problem ?? ''}`];
  const others = row.peers.flatMap(({ name: peer, status, reason }) =>
    status === 'wrong' || status === 'failed' ? [`${peer}, ${name}: ${status}: ${reason ?? ''}`] : [],
  );
  return [...own, ...others];
}

/** A peer that was opened, or why it takes no part. */
export function peerLine({ name, version, device, reason }: Comparison['peers'][number]): string {
  if (version === null) return pc.yellow(`${name} takes no part: ${reason ?? ''}`);
  return `${pc.green(name)} ${version}${device === null ? '' : ` on ${device}`}`;
}

/** One row as a line, while the benchmark runs. */
export function comparisonLine(row: ComparisonRow): string {
  const { op, label, shapeText, dtype, timeNs, workingSetBytes, ceiling, ceilingPercent, peers } = row;
  const own = timeNs ? formatTime(timeNs.median) : pc.red('WRONG');
  const others = peers.map((peer) => `${peer.name} ${ratioText(peer)}`);
  const share = ceilingPercent === null ? [] : [`${formatPercent(ceilingPercent)} of ${ceiling}`];
  const moved = `${formatBytes(workingSetBytes)} to move`;
  return [`${op} ${label} ${shapeText} ${dtype}: ${own}`, moved, ...share, ...others].join('; ');
}
