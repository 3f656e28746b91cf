import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../bench/tune/journal.ts';
import type { Outcome } from '../../src/tuning/records.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewise-journal-'));
const path = join(folder, 'sub', 'journal.ndjson');
beforeEach(() => rmSync(path, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const timed: Outcome = {
  kernel: 'op/a',
  config: { x: 1 },
  result: 'timed',
  timeNs: { median: 2, low: 1, high: 3, n: 5 },
};
const other = { kernel: 'op/a', config: { x: 2 } };

describe('Journal', () => {
  it('gives the next process the outcomes, by task', () => {
    const journal = new Journal(path);
    journal.begin('task', 'problem');
    journal.start('task', timed);
    journal.outcome('task', timed);
    const next = new Journal(path);
    expect(next.outcomes('task')).toEqual([timed]);
    expect(next.problem('task')).toBe('problem');
    expect(next.outcomes('another')).toEqual([]);
  });

  it('marks what was started and took the process with it, for good', () => {
    const journal = new Journal(path);
    journal.begin('task', 'problem');
    journal.start('task', other);
    const crashed = { ...other, result: 'crashed', reason: 'the process ended while it ran' };
    const next = new Journal(path);
    expect(next.outcomes('task')).toEqual([crashed]);
    next.start('task', timed);
    next.outcome('task', timed);
    expect(new Journal(path).outcomes('task')).toEqual([crashed, timed]);
  });

  it('does not mark what the user stopped', () => {
    const journal = new Journal(path);
    journal.begin('task', 'problem');
    journal.start('task', other);
    journal.leave();
    expect(new Journal(path).outcomes('task')).toEqual([]);
  });

  it('begins anew with another problem, or when told to', () => {
    const journal = new Journal(path);
    journal.begin('task', 'problem');
    journal.outcome('task', timed);
    journal.done('task');
    expect(new Journal(path).isDone('task')).toBe(true);
    journal.begin('task', 'another problem');
    expect(journal.outcomes('task')).toEqual([]);
    expect(journal.isDone('task')).toBe(false);
    expect(new Journal(path, true).problem('task')).toBeUndefined();
  });

  it('forgets tasks, and the file with the last', () => {
    const journal = new Journal(path);
    for (const task of ['a', 'b']) {
      journal.begin(task, 'problem');
      journal.outcome(task, timed);
    }
    journal.forget(['a']);
    expect(new Journal(path).outcomes('a')).toEqual([]);
    expect(new Journal(path).outcomes('b')).toEqual([timed]);
    journal.forget(['b']);
    expect(existsSync(path)).toBe(false);
  });

  it('passes over half a line, as a killed process leaves it', () => {
    const journal = new Journal(path);
    journal.begin('task', 'problem');
    journal.outcome('task', timed);
    appendFileSync(path, '{"task":"task","outc');
    expect(new Journal(path).outcomes('task')).toEqual([timed]);
  });
});
