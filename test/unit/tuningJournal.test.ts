import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { folderStore } from '../../bench/tune/folderStore.ts';
import { Journal } from '../../bench/tune/journal.ts';
import { tuningPath } from '../../src/node.ts';
import type { Outcome } from '../../src/tuning/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-journal-'));
const gpu = 'vendor/gpu';
let path: string;
beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', folder);
  path = tuningPath(gpu).replace('.json', '.unfinished.ndjson');
});
beforeEach(() => rmSync(path, { force: true }));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const open = (fresh = false): Promise<Journal> => Journal.open(folderStore, gpu, fresh);

const timed: Outcome = {
  kernel: 'op/a',
  config: { x: 1 },
  result: 'timed',
  timeNs: { median: 2, low: 1, high: 3, n: 5 },
};
const other = { kernel: 'op/a', config: { x: 2 } };

describe('Journal', () => {
  it('gives the next process the outcomes, by task', async () => {
    const journal = await open();
    await journal.begin('task', 'problem');
    await journal.start('task', timed);
    await journal.outcome('task', timed);
    const next = await open();
    expect(await next.outcomes('task')).toEqual([timed]);
    expect(next.problem('task')).toBe('problem');
    expect(await next.outcomes('another')).toEqual([]);
  });

  it('marks what was started and took the process with it, for good', async () => {
    const journal = await open();
    await journal.begin('task', 'problem');
    await journal.start('task', other);
    const crashed = { ...other, result: 'crashed', reason: 'the process ended while it ran' };
    const next = await open();
    expect(await next.outcomes('task')).toEqual([crashed]);
    await next.start('task', timed);
    await next.outcome('task', timed);
    expect(await (await open()).outcomes('task')).toEqual([crashed, timed]);
  });

  it('does not mark what the user stopped', async () => {
    const journal = await open();
    await journal.begin('task', 'problem');
    await journal.start('task', other);
    await journal.leave();
    expect(await (await open()).outcomes('task')).toEqual([]);
  });

  it('begins anew with another problem, or when told to', async () => {
    const journal = await open();
    await journal.begin('task', 'problem');
    await journal.outcome('task', timed);
    await journal.done('task');
    expect((await open()).isDone('task')).toBe(true);
    await journal.begin('task', 'another problem');
    expect(await journal.outcomes('task')).toEqual([]);
    expect(journal.isDone('task')).toBe(false);
    expect((await open(true)).problem('task')).toBeUndefined();
  });

  it('forgets tasks, and the file with the last', async () => {
    const journal = await open();
    for (const task of ['a', 'b']) {
      await journal.begin(task, 'problem');
      await journal.outcome(task, timed);
    }
    await journal.forget(['a']);
    expect(await (await open()).outcomes('a')).toEqual([]);
    expect(await (await open()).outcomes('b')).toEqual([timed]);
    await journal.forget(['b']);
    expect(existsSync(path)).toBe(false);
  });

  it('passes over half a line, as a killed process leaves it', async () => {
    const journal = await open();
    await journal.begin('task', 'problem');
    await journal.outcome('task', timed);
    appendFileSync(path, '{"task":"task","outc');
    expect(await (await open()).outcomes('task')).toEqual([timed]);
  });
});
