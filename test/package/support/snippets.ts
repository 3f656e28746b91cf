import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexer } from 'marked';

/** What one page of the documentation has to run. */
export interface Page {
  /** Below the project's folder. */
  readonly file: string;
  /** Its `ts` blocks, one behind the other: a module that is also plain JavaScript. */
  readonly module: string;
  /** Its `sh` blocks. */
  readonly commands: readonly string[];
}

/** The README and every page of `docs/`. */
export function readPages(root: string): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .toSorted();
  return ['README.md', ...docs.map((file) => join('docs', file))].map((file) => {
    const blocks = lexer(readFileSync(join(root, file), 'utf8')).flatMap((token) =>
      token.type === 'code' ? [{ language: String(token['lang'] ?? ''), text: String(token['text']) }] : [],
    );
    const of = (language: string): string[] =>
      blocks.filter((block) => block.language === language).map(({ text }) => text);
    return { file, module: of('ts').join('\n\n'), commands: of('sh') };
  });
}

/** What a page says that its lines print, in order: the text behind `// prints `. Where it ends with `…`, the line goes on. */
export function expectedOutput(module: string): string[] {
  return [...module.matchAll(/\/\/ prints (.*)$/gm)].map((match) => match[1]!.trim());
}
