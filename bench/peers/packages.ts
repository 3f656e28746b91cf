import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A package that is loaded only where rivals are measured, and the command that installs the version meant. */
export interface PeerPackage {
  readonly name: string;
  readonly install: string;
}

/** @throws Error that says how to install the package, where that is what is missing */
export async function importPackage<Module>({ name, install }: PeerPackage): Promise<Module> {
  try {
    return (await import(/* @vite-ignore */ name)) as Module;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`the package ${name} is not installed: ${install}`, { cause: error });
  }
}

/** The version of an installed package, whether or not it exports its package.json. */
export function installedVersion({ name }: PeerPackage): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const folder = join('node_modules', ...name.split('/'));
  const root = entry.slice(0, entry.lastIndexOf(folder) + folder.length);
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
