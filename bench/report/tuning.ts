import pc from 'picocolors';
import { candidateKey } from '../../src/tuning/candidates.ts';
import type { Candidate, Outcome, TimeInterval, TuningRecord } from '../../src/tuning/records.ts';
import { formatTime, formatTimeInterval, shortKernelName } from './format.ts';
import { renderTable, type Column } from './table.ts';

/** A record's fastest candidate beside what would run without it. */
function result(record: TuningRecord): {
  readonly best: Candidate;
  readonly bestNs: TimeInterval | undefined;
  readonly untunedNs: TimeInterval | undefined;
  readonly changed: boolean;
} {
  const { outcomes, untuned, ranking } = record;
  const best = ranking[0] ?? untuned;
  return {
    best,
    bestNs: timeOf(outcomes, best),
    untunedNs: timeOf(outcomes, untuned),
    changed: candidateKey(best) !== candidateKey(untuned),
  };
}

function timeOf(outcomes: readonly Outcome[], candidate: Candidate): TimeInterval | undefined {
  const outcome = outcomes.find((other) => candidateKey(other) === candidateKey(candidate));
  return outcome && 'timeNs' in outcome ? outcome.timeNs : undefined;
}

const count = ({ outcomes }: TuningRecord, ...results: readonly Outcome['result'][]): number =>
  outcomes.filter((outcome) => results.includes(outcome.result)).length;

/** `1.31 x`, or that nothing is faster beyond noise. */
function gain(record: TuningRecord): string {
  const { changed, bestNs, untunedNs } = result(record);
  if (!changed) return 'nothing faster';
  if (!bestNs || !untunedNs) return 'the untuned one has no time';
  return `${(untunedNs.median / bestNs.median).toPrecision(3)} x faster`;
}

/** One record as a line, while the tuner runs. */
export function recordLine(record: TuningRecord): string {
  const { best, bestNs, changed } = result(record);
  const time = bestNs ? `, ${formatTime(bestNs.median)}` : '';
  const text = `${record.op} ${record.dtype} ${record.shapeClass} ${record.problem}: ${candidateText(best)}${time}, ${gain(record)}`;
  return `${changed ? pc.green('tuned') : 'as is'} ${text}`;
}

const columns: readonly Column<TuningRecord>[] = [
  { header: 'operation', cell: ({ op, shapeClass }) => `${op} ${pc.dim(shapeClass)}` },
  { header: 'type', cell: ({ dtype }) => dtype },
  { header: 'tuned at', cell: ({ problem }) => problem, dispensable: 3 },
  { header: 'best', cell: (record) => candidateText(result(record).best) },
  { header: 'time', align: 'right', cell: (record) => formatTime(result(record).bestNs?.median ?? NaN) },
  {
    header: 'interval',
    align: 'right',
    dispensable: 4,
    cell(record) {
      const { bestNs } = result(record);
      return bestNs ? formatTimeInterval(bestNs.low, bestNs.high) : '';
    },
  },
  { header: 'against untuned', align: 'right', cell: gain },
  {
    header: 'tried',
    align: 'right',
    dispensable: 1,
    cell: ({ outcomes, candidateCount }) => `${outcomes.length} of ${candidateCount}`,
  },
  { header: 'given up', align: 'right', dispensable: 5, cell: (record) => String(count(record, 'slow')) },
  {
    header: 'failed',
    align: 'right',
    dispensable: 2,
    cell(record) {
      const wrong = count(record, 'wrong');
      const failed = count(record, 'failed', 'crashed');
      return [wrong > 0 ? pc.red(`${wrong} WRONG`) : '', failed > 0 ? String(failed) : '']
        .filter(Boolean)
        .join(', ');
    },
  },
];

/** The table of records. */
export function renderRecords(records: readonly TuningRecord[], width: number): string {
  return renderTable(columns, records, width);
}

/** What failed, was wrong, or took the process or the device with it: a line each. */
export function renderFaults(records: readonly TuningRecord[]): string {
  return records
    .flatMap(({ op, outcomes }) =>
      outcomes.flatMap((outcome) =>
        'reason' in outcome
          ? [`${pc.red(outcome.result)} ${op}: ${candidateText(outcome)}: ${outcome.reason.split('\n')[0]}`]
          : [],
      ),
    )
    .join('\n');
}

/** `direct threadM 4, lanesM 2`. */
export function candidateText({ kernel, config }: Candidate): string {
  const values = Object.entries(config).map(([name, value]) => `${name} ${String(value)}`);
  return [shortKernelName(kernel), values.join(', ')].filter(Boolean).join(' ');
}
