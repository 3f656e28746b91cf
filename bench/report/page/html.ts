import { parseHTML } from 'linkedom';
import type { TableData } from '../table.ts';
import type { Report, ReportPart, ReportSection } from './report.ts';
import style from './style.css?raw';

/** The widths that each plot is drawn in; the style sheet shows the one that fits. */
const WIDTHS = [
  ['wide', 760],
  ['narrow', 340],
] as const;

/** The report as one page that needs nothing else: no script, no font, no network. */
export function renderHtml(report: Report): string {
  const { document } = parseHTML(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"></head><body></body></html>',
  );
  const make = builder(document);
  const { title, subtitle, warnings, sections } = report;
  document.head.append(
    make('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    make('meta', { name: 'color-scheme', content: 'light dark' }),
    make('title', {}, title),
    make('style', {}, style),
  );
  const ids = sections.map((_, index) => `section-${index + 1}`);
  document.body.append(
    make(
      'header',
      {},
      make('h1', {}, title),
      make('p', { class: 'subtitle' }, subtitle),
      make(
        'nav',
        { 'aria-label': 'Sections' },
        ...sections.map((section, index) => make('a', { href: `#${ids[index]}` }, section.title)),
      ),
    ),
    make(
      'main',
      {},
      ...warnings.map((warning) => make('p', { class: 'warning', role: 'note' }, warning)),
      ...sections.map((section, index) => sectionElement(document, section, ids[index]!)),
    ),
  );
  return `<!doctype html>\n${document.documentElement.outerHTML}\n`;
}

type Make = (
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Element | string)[]
) => Element;

/** Makes elements. What is given as text becomes text, whatever is in it. */
function builder(document: Document): Make {
  return (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
}

function sectionElement(document: Document, { title, text, parts }: ReportSection, id: string): Element {
  const make = builder(document);
  return make(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    make('h2', { id: `${id}-title` }, title),
    ...text.map((paragraph) => make('p', {}, paragraph)),
    ...parts.map((part, index) => partElement(document, part, `${id}-${index + 1}`)),
  );
}

function partElement(
  document: Document,
  { title, text, plot, table, notes }: ReportPart,
  id: string,
): Element {
  const make = builder(document);
  const tables = [
    tableElement(document, table, title),
    ...notes.map((note) => make('p', { class: 'note' }, note)),
  ];
  return make(
    'article',
    { 'aria-labelledby': id },
    make('h3', { id }, title),
    ...text.map((paragraph) => make('p', {}, paragraph)),
    ...(plot
      ? [
          make(
            'div',
            {
              class: 'plots',
              role: 'img',
              'aria-label': `${title}. The numbers are in the table that follows.`,
            },
            ...WIDTHS.map(([name, width]) => make('div', { class: name }, plot({ document, width }))),
          ),
          make('details', {}, make('summary', {}, `The numbers: ${title}`), ...tables),
        ]
      : tables),
  );
}

function tableElement(document: Document, { columns, rows }: TableData, title: string): Element {
  const make = builder(document);
  if (rows.length === 0) return make('p', {}, 'Nothing.');
  const cells = (row: readonly string[]): Element[] =>
    row.map((text, index) =>
      index === 0
        ? make('th', { scope: 'row' }, text)
        : make('td', columns[index]!.align === 'right' ? { class: 'number' } : {}, text),
    );
  return make(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Table: ${title}` },
    make(
      'table',
      {},
      make(
        'thead',
        {},
        make(
          'tr',
          {},
          ...columns.map(({ header, align }) =>
            make('th', { scope: 'col', ...(align === 'right' && { class: 'number' }) }, header),
          ),
        ),
      ),
      make('tbody', {}, ...rows.map((row) => make('tr', {}, ...cells(row)))),
    ),
  );
}
