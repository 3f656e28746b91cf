import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '../..');
/** The built command. */
export const cliFile = join(root, 'dist/cli.js');

let built: Promise<void> | undefined;

/** Builds dist/cli.js, so that tests never run an old one. It appears whole: other tests may be running it. */
export function buildCli(): Promise<void> {
  built ??= (async () => {
    const outDir = mkdtempSync(join(root, 'node_modules/.cli-'));
    try {
      await build({
        configFile: join(root, 'vite.cli.config.ts'),
        root,
        logLevel: 'error',
        build: { outDir, emptyOutDir: false },
      });
      mkdirSync(dirname(cliFile), { recursive: true });
      renameSync(join(outDir, 'cli.js'), cliFile);
    } finally {
      rmSync(outDir, { recursive: true, force: true });
    }
  })();
  return built;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command to its end. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    /** A copy of the command elsewhere, to run instead. */
    readonly file?: string;
    /** Sends a signal once standard error or output contains this text. */
    readonly interruptAt?: string;
  } = {},
): Promise<CommandResult> {
  await buildCli();
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [options.file ?? cliFile, ...args],
      { env: { ...process.env, NO_COLOR: '1', ...options.env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        const exitCode = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
        resolve({ exitCode, stdout, stderr });
      },
    );
    const { interruptAt } = options;
    if (interruptAt === undefined) return;
    let seen = '';
    let sent = false;
    const look = (chunk: unknown): void => {
      seen += String(chunk);
      if (sent || !seen.includes(interruptAt)) return;
      sent = true;
      child.kill('SIGINT');
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
}
