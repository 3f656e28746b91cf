import { describe, expect, it } from 'vitest';
import { philox } from '../../src/reference/philox.ts';
import { type SampleProblem } from '../../src/reference/sample.ts';
import { sampleReference } from '../../src/reference/sampleReference.ts';

describe('philox', () => {
  // From the tests that come with Random123, the generator's first implementation (kat_vectors).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published bits for the counter %j', (counter, seed, expected) => {
    expect(philox(counter, seed)).toEqual(expected);
  });
});

describe('sampleReference', () => {
  const plain: SampleProblem = {
    dtype: 'f32',
    rows: 20_000,
    length: 3,
    chosen: false,
    scale: 1,
    minP: 0,
    topP: 1,
    seed: 5,
    step: 0,
  };
  /** How often each of three tokens is drawn, whose probabilities are 1/2, 1/3 and 1/6. */
  function shares(options: Partial<SampleProblem>): number[] {
    const problem = { ...plain, ...options };
    const row = [3, 2, 1].map(Math.log);
    const logits = Float64Array.from({ length: 3 * problem.rows }, (_, i) => row[i % 3]!);
    const counts = [0, 0, 0];
    for (const token of sampleReference(problem, [logits])) counts[token]!++;
    return counts.map((count) => count / problem.rows);
  }

  /** Six deviations of a share of one half; the seed is fixed. */
  const TOLERANCE = 6 * Math.sqrt(0.25 / plain.rows);

  it.each([
    ['all', {}, [3 / 6, 2 / 6, 1 / 6]],
    ['at half the temperature', { scale: 2 }, [9 / 14, 4 / 14, 1 / 14]],
    ['half as likely as the likeliest', { minP: 0.5 }, [3 / 5, 2 / 5, 0]],
    ['the first that have a half', { topP: 0.5 }, [1, 0, 0]],
    ['the first that have more', { topP: 0.6 }, [3 / 5, 2 / 5, 0]],
    ['at another step', { step: 1 }, [3 / 6, 2 / 6, 1 / 6]],
  ] as const)('draws tokens as often as they are likely: %s', (_, options, expected) => {
    for (const [token, share] of shares(options).entries()) {
      expect(Math.abs(share - expected[token]!)).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});
