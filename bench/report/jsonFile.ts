import { accessSync, constants, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandError, EXIT } from '../commands/exitCodes.ts';

/** Where a JSON document goes: a file, or standard output. */
export interface JsonTarget {
  write(document: unknown): void;
}

/**
 * Checks at once that a file can be written, so that nobody waits for a benchmark whose result then has nowhere to go.
 * The file appears whole or not at all: it is written beside its place and renamed.
 *
 * @param target a path, or `-` for standard output
 * @throws CommandError with `EXIT.unwritable` when it cannot be written
 */
export function openJsonTarget(target: string): JsonTarget {
  if (target === '-') {
    return { write: (document) => void process.stdout.write(`${JSON.stringify(document, null, 2)}\n`) };
  }
  const path = resolve(target);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  attempt(target, () => {
    if (existsSync(path)) {
      if (statSync(path).isDirectory()) throw new Error('it is a directory');
      accessSync(path, constants.W_OK);
    }
    writeFileSync(temporary, '');
    rmSync(temporary);
  });
  return {
    write(document) {
      attempt(target, () => {
        try {
          writeFileSync(temporary, `${JSON.stringify(document, null, 2)}\n`);
          renameSync(temporary, path);
        } catch (error) {
          rmSync(temporary, { force: true });
          throw error;
        }
      });
    },
  };
}

/** The usual failures, without the name of the file that was only tried. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function attempt(target: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = (code !== undefined && REASONS[code]) || message;
    throw new CommandError(
      `--json ${target}: the file cannot be written: ${why}. Give another path, or - for standard output`,
      EXIT.unwritable,
    );
  }
}
