import pc from 'picocolors';
import type { Explanation, ExplanationInput } from '../estimate/index.ts';
import { significant } from './format.ts';
import { renderTable, type Column } from './table.ts';

/** Formula, inputs with their sources by number, and assumptions: enough to work a figure out again. */
export function renderExplanation(title: string, explanation: Explanation, width: number): string {
  const { formula, inputs, assumptions } = explanation;
  const sources = [...new Set(inputs.map(({ source }) => source))];
  const columns: readonly Column<ExplanationInput>[] = [
    { header: 'input', cell: ({ name }) => name },
    {
      header: 'value',
      align: 'right',
      cell: ({ value, low, high }) =>
        low === undefined || high === undefined
          ? significant(value)
          : `${significant(value)} (${significant(low)} to ${significant(high)})`,
    },
    { header: 'unit', cell: ({ unit }) => (unit === '1' ? '' : unit) },
    { header: 'source', align: 'right', cell: ({ source }) => `[${sources.indexOf(source) + 1}]` },
  ];
  return [
    pc.bold(title),
    ...formula.split('; '),
    renderTable(columns, inputs, width),
    ...sources.map((source, index) => pc.dim(`[${index + 1}] ${source}`)),
    ...assumptions.map((text) => `- ${text}`),
  ].join('\n');
}
