import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeConsumer, type Consumer } from './support/consumer.ts';
import { expectedOutput, readPages } from './support/snippets.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const pages = readPages(root);
const withModule = pages.filter(({ module }) => module !== '');
const withCommands = pages.filter(({ commands }) => commands.length > 0);

let project: Consumer;
beforeAll(async () => {
  project = await makeConsumer();
});
afterAll(() => project.dispose());

const nameOf = (file: string): string => file.replaceAll(/\W/g, '-');

describe('the snippets of each page, as one module', () => {
  it('have the right types', async () => {
    const folder = join(project.folder, 'typed');
    mkdirSync(folder);
    for (const { file, module } of withModule) writeFileSync(join(folder, `${nameOf(file)}.ts`), module);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          // They are plain JavaScript as well.
          noImplicitAny: false,
          useUnknownInCatchVariables: false,
          noEmit: true,
          skipLibCheck: true,
          target: 'es2022',
          module: 'nodenext',
          lib: ['es2023', 'esnext.disposable'],
          types: ['web', 'node'],
          typeRoots: [join(root, 'node_modules/@types')],
        },
      }),
    );
    const { stdout } = await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it.each(withModule)('$file runs and prints what it says', async ({ file, module }) => {
    const lines = (await project.node(module, `${nameOf(file)}.mjs`)).split('\n');
    let from = 0;
    for (const text of expectedOutput(module)) {
      const isPrinted = (line: string): boolean =>
        text.endsWith('…') ? line.startsWith(text.slice(0, -1)) : line.trimEnd() === text;
      const at = lines.findIndex((line, i) => i >= from && isPrinted(line));
      expect(at, `${JSON.stringify(text)} in what follows\n${lines.slice(from).join('\n')}`).not.toBe(-1);
      from = at + 1;
    }
  });
});

describe('the commands of each page', () => {
  it.each(withCommands)('$file', async ({ commands }) => {
    for (const command of commands) await run('bash', ['-ec', command], { cwd: project.folder });
  });
});
