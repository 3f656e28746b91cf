import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chooseAdapter } from '../../../scripts/adapter.mjs';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');

/** An empty project in which the packed tarball is installed, with the Dawn binding that is here already. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** Writes a module and runs it with the node and the environment in which an adapter is found; gives its output. */
  node(source: string, file?: string): Promise<string>;
  dispose(): void;
}

/** @throws Error unless the library is built. */
export async function makeConsumer(): Promise<Consumer> {
  if (!existsSync(join(root, 'dist/node.js'))) throw new Error('run `npm run build` first');
  const work = mkdtempSync(join(tmpdir(), 'tilewise-package-'));
  await run('npm', ['pack', '--pack-destination', work], { cwd: root });
  const tarball = join(
    work,
    readdirSync(work).find((name) => name.endsWith('.tgz'))!,
  );
  const folder = join(work, 'consumer');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module' }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder });
  symlinkSync(join(root, 'node_modules/webgpu'), join(folder, 'node_modules/webgpu'));
  return {
    folder,
    tarball,
    async node(source, file = 'main.mjs') {
      writeFileSync(join(folder, file), source);
      const { nodePath, env } = await chooseAdapter();
      const { stdout } = await run(nodePath, [file], { cwd: folder, env: { ...process.env, ...env } });
      return stdout;
    },
    dispose: () => rmSync(work, { recursive: true, force: true }),
  };
}
