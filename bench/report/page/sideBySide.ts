import { isSoftware } from '../../compare/machines.ts';
import type { BenchResult } from '../../schema.ts';
import { formatRate, formatTime } from '../format.ts';
import { machinesPlot, type MachineDot } from '../plots/machines.ts';
import { tableData } from '../table.ts';
import type { ReportSection } from './report.ts';
import { rowName } from './text.ts';

/** An operation on one of the machines. */
interface Measured extends MachineDot {
  readonly timeNs: number;
}

/** What several GPUs have in common, one beside the other. Software adapters are left out: they are no GPUs. */
export function sideBySide(
  machines: readonly { readonly name: string; readonly result: BenchResult }[],
): ReportSection[] {
  const gpus = machines.filter(({ result }) => !isSoftware(result));
  if (gpus.length < 2) return [];
  const measured = gpus.flatMap(({ name, result }) => measuredOn(name, result));
  const shared = [...new Set(measured.map(({ row }) => row))]
    .map((name) => measured.filter(({ row }) => row === name))
    .filter((dots) => dots.length > 1);
  if (shared.length === 0) {
    return [{ title: 'Side by side', text: ['These GPUs ran no operation at the same shape.'], parts: [] }];
  }
  const dots = shared.flat();
  return [
    {
      title: 'Side by side',
      text: [],
      parts: [
        {
          title: 'Throughput of each operation on each GPU',
          text: ['Operations that at least two of them ran at the same shape; lines are intervals of 95 %.'],
          plot: (canvas) => machinesPlot(canvas, dots),
          table: tableData(
            [
              { header: 'operation', cell: ([first]) => first!.row },
              ...gpus.map(({ name }) => ({
                header: name,
                align: 'right' as const,
                cell(own: readonly Measured[]): string {
                  const dot = own.find(({ machine }) => machine === name);
                  return dot ? `${formatTime(dot.timeNs)}, ${formatRate(dot.median, 'OP/s')}` : '';
                },
              })),
            ],
            shared,
          ),
          notes: [],
        },
      ],
    },
  ];
}

function measuredOn(machine: string, { measurements }: BenchResult): Measured[] {
  return measurements.flatMap((row): Measured[] => {
    const time = row.gpuTimeNs ?? row.wallTimeNs;
    if (!time || row.flops === 0) return [];
    const rate = (ns: number): number => (row.flops / ns) * 1e9;
    return [
      {
        row: rowName(row),
        machine,
        median: rate(time.median),
        low: rate(time.high),
        high: rate(time.low),
        timeNs: time.median,
      },
    ];
  });
}
