import {
  accessSync,
  constants,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CommandError, EXIT } from '../exitCodes.ts';

/** Where a JSON document goes: a file, or standard output. */
export interface JsonTarget {
  write(document: unknown): void;
}

/** Where text goes: a file, or standard output. */
export interface TextTarget {
  write(text: string): void;
}

/** A target for JSON: see `openTextTarget`. */
export function openJsonTarget(target: string): JsonTarget {
  const text = openTextTarget('--json', target);
  return { write: (document) => text.write(`${JSON.stringify(document, null, 2)}\n`) };
}

/**
 * Checks at once that a file can be written, so that nobody waits for a benchmark whose result then has nowhere to go.
 * A file appears whole or not at all: it is written beside its place and renamed, where a link leads if it is one. What is no
 * file, `/dev/stdout` or a pipe, is written to as it is.
 *
 * @param option the option that it was given by, for messages
 * @param target a path, or `-` for standard output
 * @throws CommandError with `EXIT.unwritable` when it cannot be written
 */
export function openTextTarget(option: string, target: string): TextTarget {
  if (target === '-') return { write: (text) => void process.stdout.write(text) };
  const named = `${option} ${target}`;
  const { path, temporary } = attempt(named, () => checkedPlace(resolve(target)));
  return {
    write(text) {
      attempt(named, () => {
        if (temporary === undefined) return writeFileSync(path, text);
        try {
          writeFileSync(temporary, text);
          renameSync(temporary, path);
        } catch (error) {
          rmSync(temporary, { force: true });
          throw error;
        }
      });
    },
  };
}

/** Where the text goes in the end and, for files, where it is written first. */
interface Place {
  readonly path: string;
  readonly temporary: string | undefined;
}

/** @throws Error where that cannot be written */
function checkedPlace(asked: string): Place {
  const there = existsSync(asked) ? statSync(asked) : undefined;
  if (there?.isDirectory()) throw new Error('it is a directory');
  if (there) accessSync(asked, constants.W_OK);
  if (there && !there.isFile()) return { path: asked, temporary: undefined };
  const path = there ? realpathSync(asked) : asked;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  writeFileSync(temporary, '');
  rmSync(temporary);
  return { path, temporary };
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

function attempt<Result>(named: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = (code !== undefined && REASONS[code]) || message;
    throw new CommandError(
      `${named}: the file cannot be written: ${why}. Give another path, or - for standard output`,
      EXIT.unwritable,
    );
  }
}
