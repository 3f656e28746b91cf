import { describe, expect, it } from 'vitest';
import { ulpDistance } from '../conformance/ulp.ts';

describe('ulpDistance', () => {
  it('counts representable numbers, across zero too', () => {
    expect(ulpDistance(1, 1 + 2 ** -23, 'f32')).toBe(1);
    expect(ulpDistance(1, 1 - 2 ** -24, 'f32')).toBe(1);
    expect(ulpDistance(1, 1 + 3 * 2 ** -10, 'f16')).toBe(3);
    expect(ulpDistance(-(2 ** -24), 2 ** -24, 'f16')).toBe(2);
    expect(ulpDistance(0, -0, 'f32')).toBe(0);
  });

  it('takes NaN for NaN only, and infinity for the number after the largest', () => {
    expect(ulpDistance(NaN, NaN, 'f32')).toBe(0);
    expect(ulpDistance(NaN, 1, 'f32')).toBe(Infinity);
    expect(ulpDistance(65_504, Infinity, 'f16')).toBe(1);
  });
});
