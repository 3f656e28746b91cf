// 16 bytes of staged, an array of Eight, where eight elements are eight bytes.
const EIGHTS_PER_QUAD: u32 = 2u;

fn stagedQuad(at: u32) -> vec4<u32> {
  return vec4<u32>(staged[at], staged[at + 1u]);
}
