import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../bench/exitCodes.ts';
import {
  formatBytes,
  formatPercent,
  formatRate,
  formatTime,
  formatTimeInterval,
  significant,
} from '../../bench/report/format.ts';
import { openJsonTarget } from '../../bench/report/jsonFile.ts';
import {
  isSound,
  measurementLine,
  renderLeftOut,
  renderMeasurements,
} from '../../bench/report/measurements.ts';
import { renderTable, type Column } from '../../bench/report/table.ts';
import type { MeasurementRow } from '../../bench/schema.ts';
import { madeUpRow } from '../support/benchResult.ts';

describe('formats', () => {
  it.each([
    [0.4, '0.4 ns'],
    [999.7, '1 µs'],
    [12_345, '12.3 µs'],
    [1_000_000, '1 ms'],
    [2.5e9, '2.5 s'],
    [3e12, '3000 s'],
  ])('shows %d ns as %s', (ns, text) => expect(formatTime(ns)).toBe(text));

  it.each([
    [0, '0 FLOP/s'],
    [999, '999 FLOP/s'],
    [999.6, '1 kFLOP/s'],
    [5.317e9, '5.32 GFLOP/s'],
    [6.1e14, '610 TFLOP/s'],
    [2.3e15, '2.3 PFLOP/s'],
  ])('shows %d operations a second as %s', (rate, text) => expect(formatRate(rate, 'FLOP/s')).toBe(text));

  it('shows both ends of an interval in one unit', () => {
    expect(formatTimeInterval(950_000, 1_050_000)).toBe('0.95 – 1.05 ms');
  });

  it('shows sizes and shares', () => {
    expect([formatBytes(1023), formatBytes(1 << 20), formatBytes(3 * 2 ** 30)]).toEqual([
      '1023 B',
      '1 MiB',
      '3 GiB',
    ]);
    expect([formatPercent(0.34), formatPercent(9.96), formatPercent(87.4)]).toEqual([
      '0.3 %',
      '10 %',
      '87 %',
    ]);
    expect([significant(0), significant(123_456), significant(0.000012)]).toEqual(['0', '123456', '1.20e-5']);
  });
});

function row(changes: Partial<MeasurementRow> = {}): MeasurementRow {
  const time = { median: 12_000_000, low: 11_900_000, high: 12_300_000, n: 20, samples: [] };
  return madeUpRow({
    gpuTimeNs: time,
    wallTimeNs: time,
    gflops: 5000,
    bytesPerSecond: 1.1e10,
    ceilingPercent: 62.5,
    ...changes,
  });
}

const wrong = row({
  gpuTimeNs: null,
  wallTimeNs: null,
  gflops: null,
  bytesPerSecond: null,
  ceilingPercent: null,
  checked: {
    passed: false,
    maxError: 3.5,
    tolerance: 0.2,
    method: 'every element',
    problem: 'element 7 is 4 instead of 0.5',
  },
});

describe('the table of measurements', () => {
  it.each([200, 140, 120, 100, 80, 60, 40, 20])('fits %d columns, as far as its words do', (width) => {
    const text = stripVTControlCharacters(renderMeasurements([row(), row({ op: 'sum' })], width));
    // Below that even one value with its name is wider.
    const needed = Math.max(width, 40);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(needed);
    expect(text).toContain('12 ms');
    expect(text).toContain('5 TFLOP/s');
  });

  it('shows everything where there is room', () => {
    const text = stripVTControlCharacters(renderMeasurements([row()], Infinity));
    for (const part of ['f16', 'subgroupMatrix', '11.9 – 12.3 ms', '63 %', '16x16x16', 'ok'])
      expect(text).toContain(part);
  });

  it('never shows a time for a wrong result', () => {
    const text = stripVTControlCharacters(renderMeasurements([row(), wrong], Infinity));
    const line = text.split('\n').find((candidate) => candidate.includes('WRONG'));
    expect(line).toContain('off by 3.5, at most 0.2');
    expect(line).not.toMatch(/\d (ns|µs|ms|s|TFLOP|GFLOP|%)/);
    expect(stripVTControlCharacters(measurementLine(wrong))).toBe(
      'WRONG matmul square 4096 x 4096 x 4096 f16: element 7 is 4 instead of 0.5',
    );
  });

  it('says that a shape is smaller than meant', () => {
    expect(renderMeasurements([row({ scaledDownFrom: '512 x 1 x 1' })], Infinity)).toContain(
      '* smaller than meant',
    );
    expect(renderMeasurements([row()], Infinity)).not.toContain('*');
  });

  it('shows bytes where memory binds, and the wall time where there is no other', () => {
    const text = renderMeasurements(
      [row({ gpuTimeNs: null, ceiling: 'copy, 256 MiB', boundBy: 'memory' })],
      Infinity,
    );
    expect(text).toContain('wall time');
    expect(text).not.toContain('GPU time');
    expect(text).toContain('11 GB/s');
  });
});

describe('soundness', () => {
  const leftOut = { op: 'sum', label: 'each row', shapeText: '8 x 8', dtype: 'f32', reason: 'too slow' };

  it('is lost by a wrong result and by a kernel that failed, not by a row left out', () => {
    expect(isSound({ measurements: [row()], leftOut: [{ ...leftOut, failed: false }] })).toBe(true);
    expect(isSound({ measurements: [row(), wrong], leftOut: [] })).toBe(false);
    expect(isSound({ measurements: [row()], leftOut: [{ ...leftOut, failed: true }] })).toBe(false);
  });

  it('is explained row by row', () => {
    const text = renderLeftOut([
      { ...leftOut, failed: false },
      { ...leftOut, reason: 'refused:\nline 5', failed: true },
    ]);
    expect(stripVTControlCharacters(text)).toBe(
      'left out: sum each row 8 x 8 f32: too slow\nFAILED sum each row 8 x 8 f32: refused:\n    line 5',
    );
  });
});

describe('renderTable', () => {
  const columns: readonly Column<readonly [string, string, string]>[] = [
    { header: 'name', cell: ([name]) => name },
    { header: 'size', align: 'right', dispensable: 1, cell: ([, size]) => size },
    { header: 'note', dispensable: 2, cell: ([, , note]) => note },
  ];
  const rows = [
    ['alpha', '5', 'first'],
    ['b', '12345', 'second'],
  ] as const;

  it('aligns, and leaves out what matters least', () => {
    expect(stripVTControlCharacters(renderTable(columns, rows, 80))).toBe(
      'name    size  note\nalpha      5  first\nb      12345  second',
    );
    expect(stripVTControlCharacters(renderTable(columns, rows, 15))).toBe(
      'name    size\nalpha      5\nb      12345',
    );
    expect(stripVTControlCharacters(renderTable(columns, rows, 6))).toBe('name\nalpha\nb');
    expect(stripVTControlCharacters(renderTable(columns, rows, 4))).toBe('name  alpha\n----\nname  b');
  });
});

describe('openJsonTarget', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tilewise-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes the whole document and leaves nothing beside it', () => {
    const path = join(folder, 'out.json');
    writeFileSync(path, 'old');
    const target = openJsonTarget(path);
    expect(readFileSync(path, 'utf8')).toBe('old');
    target.write({ a: [1] });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: [1] });
    expect(readdirSync(folder)).toEqual(['out.json']);
  });

  it('writes where a link leads, and leaves the link', () => {
    const [path, link] = [join(folder, 'out.json'), join(folder, 'link.json')];
    writeFileSync(path, 'old');
    symlinkSync(path, link);
    openJsonTarget(link).write([1]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual([1]);
  });

  it('writes to what is no file, and leaves it', () => {
    // A pipe is no file either, and nobody has to be root to make one.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDWR);
    try {
      openJsonTarget(pipe).write([1]);
      expect(statSync(pipe).isFIFO()).toBe(true);
      const buffer = Buffer.alloc(64);
      expect(JSON.parse(buffer.toString('utf8', 0, readSync(reader, buffer)))).toEqual([1]);
    } finally {
      closeSync(reader);
    }
  });

  it('says so where the file can no longer be written at the end', () => {
    const target = openJsonTarget(join(folder, 'out.json'));
    rmSync(folder, { recursive: true });
    expect(() => target.write({})).toThrow(
      expect.objectContaining({ exitCode: EXIT.unwritable, message: expect.stringContaining('its folder') }),
    );
    mkdirSync(folder);
  });

  it('refuses at once what cannot be written', () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    const refused = [join(folder, 'absent/out.json'), folder, join(path, 'out.json')];
    for (const target of refused) {
      expect(() => openJsonTarget(target)).toThrow(
        expect.objectContaining({ exitCode: EXIT.unwritable, message: expect.stringContaining(target) }),
      );
    }
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });
});
