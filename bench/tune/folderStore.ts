import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { tuningPath } from '../../src/node.ts';
import type { TuningStore } from './store.ts';

const entriesPath = (gpu: string): string => tuningPath(gpu).replace(/\.json$/, '.unfinished.ndjson');

/** Files in the folder that `tuningPath()` names: records as JSON, and entries a line each beside them. */
export const folderStore: TuningStore = {
  source: tuningPath,

  async replaceRecords(gpu, change) {
    const path = tuningPath(gpu);
    const kept = existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined;
    mkdirSync(dirname(path), { recursive: true });
    // The file is whole at any time.
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(change(kept))}\n`);
    renameSync(temporary, path);
  },

  async readEntries(gpu) {
    const path = entriesPath(gpu);
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    return lines.map(parseJson).filter((entry) => entry !== undefined);
  },

  // At once, since a process that ends waits for nothing.
  async appendEntry(gpu, entry) {
    const path = entriesPath(gpu);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify(entry)}\n`);
  },

  async replaceEntries(gpu, entries) {
    const path = entriesPath(gpu);
    if (entries.length === 0) rmSync(path, { force: true });
    else writeFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  },

  beforeEnd(leave) {
    process.on('exit', leave);
    return () => process.off('exit', leave);
  },

  [Symbol.dispose]: () => undefined,
};

/** Undefined for what is none: a process that is killed may leave half a line behind. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
