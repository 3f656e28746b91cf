import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What detection reads of the system it runs on; tests put a made-up one in its place. */
export interface System {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file's text without the white space around it, or `undefined` where it is missing or may not be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Names in a directory, sorted; none where it is missing. */
  readonly listDirectory: (path: string) => Promise<readonly string[]>;
  /** What a program prints, or `undefined` where it is missing, fails or takes longer than three seconds. */
  readonly run: (program: string, ...args: string[]) => Promise<string | undefined>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

const execFileAsync = promisify(execFile);

/** The system as it is. */
export const realSystem: System = {
  env: process.env,
  readText: (path) =>
    readFile(path, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    ),
  listDirectory: (path) =>
    readdir(path).then(
      (names) => names.sort(),
      () => [],
    ),
  run: (program, ...args) =>
    execFileAsync(program, args, { timeout: 3000 }).then(
      ({ stdout }) => stdout,
      () => undefined,
    ),
  fetch: (url, init) => fetch(url, init),
};
