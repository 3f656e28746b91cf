import { describe, expect, it } from 'vitest';
import { f32, i32, packParams, u32, vec4u } from '../../src/runtime/params.ts';

describe('packParams', () => {
  it('lays fields out as WGSL does: scalars by 4 bytes, vectors by 16, the whole by 16', () => {
    const bytes = packParams({
      m: u32(7),
      scale: f32(0.5),
      offset: i32(-2),
      dims: vec4u([1, 2, 3, 4]),
      last: u32(9),
    });
    expect(bytes.byteLength).toBe(48);
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0, true)).toBe(7);
    expect(view.getFloat32(4, true)).toBe(0.5);
    expect(view.getInt32(8, true)).toBe(-2);
    expect([16, 20, 24, 28].map((offset) => view.getUint32(offset, true))).toEqual([1, 2, 3, 4]);
    expect(view.getUint32(32, true)).toBe(9);
  });

  it('gives an empty block a size that can be bound', () => {
    expect(packParams({}).byteLength).toBe(16);
  });

  it('refuses sizes that would wrap around', () => {
    expect(() => packParams({ k: u32(2 ** 32) })).toThrow(/k must be a non-negative 32-bit integer/);
    expect(() => packParams({ dims: vec4u([1, 1, -1, 1]) })).toThrow(RangeError);
  });
});
