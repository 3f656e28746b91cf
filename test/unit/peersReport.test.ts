import { assert, array, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratioOfMedians, relativeSize } from '../../bench/measure/statistics.ts';
import { encodeModel } from '../../bench/peers/onnxModel.ts';
import { comparisonLine, peerLine, renderComparison } from '../../bench/report/comparison.ts';
import { isSound } from '../../bench/report/measurements.ts';
import type { Comparison, ComparisonRow, PeerOutcome } from '../../bench/schema.ts';
import { madeUpComparisonRow } from '../support/benchResult.ts';

describe('ratioOfMedians', { timeout: 30_000 }, () => {
  it('is exact where times do not vary', () => {
    expect(ratioOfMedians([6, 6, 6], [4, 4, 4])).toEqual({ median: 1.5, low: 1.5, high: 1.5, n: 3 });
  });

  it('takes what slows a round down out of the ratio: both times of a round are drawn together', () => {
    const slowdowns = [1, 1.1, 3, 1, 1.2, 2, 1, 1.4, 1.1, 1];
    const own = slowdowns.map((factor) => 10 * factor);
    const peer = slowdowns.map((factor) => 15 * factor);
    const { low, high } = ratioOfMedians(peer, own);
    expect(low).toBeCloseTo(1.5);
    expect(high).toBeCloseTo(1.5);
    // Drawn apart, they would not cancel: the same times in another order.
    const apart = ratioOfMedians(peer.toReversed(), own);
    expect(apart.high - apart.low).toBeGreaterThan(0.2);
  });

  it('has an interval around the ratio, the same for the same times, and upside down for the inverse', () => {
    const times = array(double({ min: 1, max: 100, noNaN: true }), { minLength: 1, maxLength: 15 });
    assert(
      property(times, integer({ min: 0, max: 14 }), (a, shift) => {
        const b = a.map((_, index) => a[(index + shift) % a.length]! + 1);
        const ratio = ratioOfMedians(a, b);
        expect(ratio).toEqual(ratioOfMedians(a, b));
        expect(ratio.low).toBeLessThanOrEqual(ratio.high);
        const inverse = ratioOfMedians(b, a);
        expect(inverse.median).toBeCloseTo(1 / ratio.median);
      }),
      { numRuns: 10 },
    );
  });

  it('holds the true ratio about as often as it says', () => {
    // Times with a deviation of a fifth, by a generator whose numbers never change.
    let state = 1;
    const noise = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return 0.7 + (0.6 * state) / 2_147_483_647;
    };
    let held = 0;
    const trials = 40;
    for (let trial = 0; trial < trials; trial++) {
      const own = Array.from({ length: 25 }, noise);
      const peer = Array.from({ length: 25 }, () => 2 * noise());
      const { low, high } = ratioOfMedians(peer, own);
      if (low <= 2 && 2 <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.85);
  });

  it('refuses times that are not of the same rounds', () => {
    expect(() => ratioOfMedians([], [])).toThrow(RangeError);
    expect(() => ratioOfMedians([1, 2], [1])).toThrow('got 2 and 1');
  });
});

describe('relativeSize', () => {
  it('compares root mean squares', () => {
    expect(relativeSize([0.3, -0.4], [3, 4])).toBeCloseTo(0.1);
    expect(relativeSize([0, 0], [0, 0])).toBe(0);
    expect(relativeSize([1, 0], [0, 0])).toBe(Infinity);
    expect(relativeSize([NaN, 0], [1, 1])).toBeNaN();
  });
});

const timed = (name: string, median: number, low: number, high: number): PeerOutcome => ({
  name,
  status: 'timed',
  reason: null,
  timeNs: { median: median * 1e6, low: low * 1e6, high: high * 1e6, n: 9, samples: [] },
  runs: 4,
  ratio: { median, low, high, n: 9 },
  relativeError: 1e-7,
});

const without = (name: string, status: PeerOutcome['status'], reason: string): PeerOutcome => ({
  name,
  status,
  reason,
  timeNs: null,
  runs: null,
  ratio: null,
  relativeError: null,
});

const row = (label: string, peers: PeerOutcome[], scaledDownFrom: string | null = null): ComparisonRow => ({
  ...madeUpComparisonRow({}, label),
  peers,
  scaledDownFrom,
});

const peer = (name: string): Comparison['peers'][number] => ({
  name,
  version: '1.0',
  device: 'llvmpipe',
  reason: null,
});

const comparison: Comparison = {
  peers: [peer('tfjs'), peer('jax-js'), { name: 'torch', version: null, device: null, reason: 'no Python' }],
  rows: [
    row('ahead', [timed('tfjs', 2, 1.9, 2.125), timed('jax-js', 1.01, 0.99, 1.03)], '1024 x 1024 x 1024'),
    row('behind', [timed('tfjs', 0.5, 0.45, 0.55), timed('jax-js', 0.98, 0.9, 1.1)]),
    row('half', [without('tfjs', 'notOffered', 'no f16'), without('jax-js', 'wrong', 'it is off by 4 %')]),
  ],
};

describe('renderComparison', () => {
  const text = renderComparison(comparison, Infinity);
  const lineOf = (label: string): string => text.split('\n').find((line) => line.includes(label))!;

  it('shows ratios with intervals, and marks those below 1 by a word', () => {
    expect(lineOf('ahead')).toMatch(/2 \(1\.9 – 2\.13\) +1\.01 \(0\.99 – 1\.03\)$/);
    expect(lineOf('behind')).toMatch(/0\.5 \(0\.45 – 0\.55\) slower +0\.98 \(0\.9 – 1\.1\) slower\?$/);
  });

  it('says how many bytes a row had to move, and how near it came to what binds it', () => {
    expect(lineOf('ahead')).toMatch(/ 3 MiB +42 % +f32 /);
    expect(comparisonLine(comparison.rows[0]!)).toContain(': 1 ms; 3 MiB to move; 42 % of f32; tfjs 2 ');
  });

  it('shows what a library lacks and gets wrong, and smaller shapes', () => {
    expect(lineOf('half')).toMatch(/no f16 +WRONG$/);
    expect(text).toContain('jax-js, matmul half 512 x 512 x 512 f32: wrong: it is off by 4 %');
    expect(lineOf('ahead')).toContain('512 x 512 x 512*');
    expect(text).toContain('* smaller than meant');
  });

  it('counts rows won, lost and undecided, and has no column for who takes no part', () => {
    expect(text).toContain(
      'tfjs: Tilewise faster in 1 of 2 rows, slower in 1, undecided in 0; geometric mean of the ratios 1',
    );
    expect(text).toContain('jax-js: Tilewise faster in 0 of 2 rows, slower in 0, undecided in 2');
    expect(text).not.toContain('torch');
  });

  it('keeps the ratios however narrow the terminal is', () => {
    expect(renderComparison(comparison, 40)).toContain('0.5 (0.45 – 0.55) slower');
  });

  it('says so where there is nothing', () => {
    expect(renderComparison({ ...comparison, rows: [] }, 80)).toBe('Nothing was compared.');
    expect(renderComparison({ peers: comparison.peers.slice(2), rows: [] }, 80)).toContain(
      'None of the libraries',
    );
    const alone = { peers: [peer('tfjs')], rows: [row('x', [without('tfjs', 'failed', 'it ended')])] };
    expect(renderComparison(alone, 80)).toContain('tfjs: no row in common');
  });
});

describe('lines while it runs', () => {
  it('say who takes part', () => {
    expect(peerLine(peer('tfjs'))).toBe('tfjs 1.0 on llvmpipe');
    expect(peerLine(comparison.peers[2]!)).toBe('torch takes no part: no Python');
  });

  it('say what came out', () => {
    expect(comparisonLine(comparison.rows[1]!)).toBe(
      'matmul behind 512 x 512 x 512 f32: 1 ms; 3 MiB to move; 42 % of f32; tfjs 0.5 (0.45 – 0.55) slower; jax-js 0.98 (0.9 – 1.1) slower?',
    );
  });
});

describe('isSound', () => {
  it('minds wrong results of Tilewise, not those of others', () => {
    const result = { measurements: [], leftOut: [], comparison };
    expect(isSound(result)).toBe(true);
    const wrong = {
      ...comparison.rows[0]!,
      timeNs: null,
      checked: { ...comparison.rows[0]!.checked, passed: false },
    };
    expect(isSound({ ...result, comparison: { ...comparison, rows: [wrong] } })).toBe(false);
    expect(renderComparison({ ...comparison, rows: [wrong] }, Infinity)).toContain('WRONG');
  });
});

describe('encodeModel', () => {
  it('writes protocol buffers as onnx.proto has them', () => {
    const model = encodeModel({
      nodes: [
        {
          op: 'Pad',
          inputs: ['x'],
          outputs: ['y'],
          ints: { a: 300 },
          floats: { s: 0.5 },
          domain: 'com.microsoft',
        },
      ],
      inputs: [{ name: 'x', dtype: 'f16', shape: [2, 130] }],
      outputs: [{ name: 'y', dtype: 'f32', shape: [1] }],
      constants: [{ name: 'c', dtype: 'i64', values: [5, 128] }],
    });
    const expected = [
      '08 09', // ir_version 9
      '3a 70', // graph, 112 bytes
      '0a 32', // node, 50 bytes
      '0a 01 78 12 01 79 22 03 50 61 64', // input x, output y, op_type Pad
      '2a 0b 0a 01 73 15 00 00 00 3f a0 01 01', // attribute s = 0.5, type FLOAT
      '2a 09 0a 01 61 18 ac 02 a0 01 02', // attribute a = 300, type INT
      '3a 0d 63 6f 6d 2e 6d 69 63 72 6f 73 6f 66 74', // domain com.microsoft
      '12 05 67 72 61 70 68', // name graph
      '2a 0c 08 02 10 07 38 05 38 80 01 42 01 63', // initializer: dims 2, INT64, 5, 128, name c
      '5a 14 0a 01 78 12 0f 0a 0d 08 0a 12 09 0a 02 08 02 0a 03 08 82 01', // input x, FLOAT16 [2, 130]
      '62 0f 0a 01 79 12 0a 0a 08 08 01 12 04 0a 02 08 01', // output y, FLOAT [1]
      '42 02 10 12', // opset 18
      '42 11 0a 0d 63 6f 6d 2e 6d 69 63 72 6f 73 6f 66 74 10 01', // and 1 of com.microsoft
    ];
    expect(Buffer.from(model).toString('hex')).toBe(expected.join('').replaceAll(' ', ''));
  });
});
