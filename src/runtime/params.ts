/** A field of a kernel's uniform `Params` block. Fields are laid out in the order of the object that holds them. */
export type ParamValue =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'vec4<u32>'; readonly value: readonly [number, number, number, number] };

/** The values of a WGSL `struct Params`, field by field in the struct's order and with its names. */
export type Params = Readonly<Record<string, ParamValue>>;

export const u32 = (value: number): ParamValue => ({ type: 'u32', value });
export const i32 = (value: number): ParamValue => ({ type: 'i32', value });
export const f32 = (value: number): ParamValue => ({ type: 'f32', value });
export const vec4u = (value: readonly [number, number, number, number]): ParamValue => ({
  type: 'vec4<u32>',
  value,
});

/** Packs fields as WGSL lays out a struct in the uniform address space; the size is a multiple of 16 bytes. */
export function packParams(params: Params): Uint8Array<ArrayBuffer> {
  const fields = Object.entries(params);
  const offsets: number[] = [];
  let sizeBytes = 0;
  for (const [, field] of fields) {
    const align = field.type === 'vec4<u32>' ? 16 : 4;
    const offset = Math.ceil(sizeBytes / align) * align;
    offsets.push(offset);
    sizeBytes = offset + align;
  }
  const bytes = new Uint8Array(Math.max(16, Math.ceil(sizeBytes / 16) * 16));
  const view = new DataView(bytes.buffer);
  for (const [index, [name, field]] of fields.entries()) {
    const offset = offsets[index]!;
    switch (field.type) {
      case 'u32':
        view.setUint32(offset, checkU32(name, field.value), true);
        break;
      case 'i32':
        view.setInt32(offset, field.value, true);
        break;
      case 'f32':
        view.setFloat32(offset, field.value, true);
        break;
      case 'vec4<u32>':
        for (const [lane, value] of field.value.entries())
          view.setUint32(offset + 4 * lane, checkU32(name, value), true);
    }
  }
  return bytes;
}

/** A size that does not fit would wrap to a small one, and the kernel would quietly compute something else. */
function checkU32(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff) return value;
  throw new RangeError(`parameter ${name} must be a non-negative 32-bit integer, got ${value}`);
}
