import { markdownTable } from 'markdown-table';
import type { TableData } from '../table.ts';
import type { Report } from './report.ts';

/** The report as Markdown: all tables, no plots. */
export function renderMarkdown({ title, subtitle, warnings, sections }: Report): string {
  const blocks = [
    `# ${title}`,
    subtitle,
    ...warnings.map((warning) => `> **${escape(warning)}**`),
    ...sections.flatMap((section) => [
      `## ${escape(section.title)}`,
      ...section.text.map(escape),
      ...section.parts.flatMap((part) => [
        `### ${escape(part.title)}`,
        ...part.text.map(escape),
        tableText(part.table),
        ...part.notes.map(escape),
      ]),
    ]),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function tableText({ columns, rows }: TableData): string {
  if (rows.length === 0) return '';
  const cells = [columns.map(({ header }) => header), ...rows].map((row) => row.map(escape));
  return markdownTable(cells, { align: columns.map(({ align }) => align) });
}

/** Keeps text from being taken for Markdown: an asterisk after a shape, a bar within a cell. */
function escape(text: string): string {
  return text.replace(/[\\*_|<>`[\]]/g, String.raw`\$&`);
}
