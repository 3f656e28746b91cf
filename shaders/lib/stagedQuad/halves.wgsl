// 16 bytes of staged, an array of Eight, where eight elements are eight halves.
const EIGHTS_PER_QUAD: u32 = 1u;

fn stagedQuad(at: u32) -> vec4<u32> {
  return staged[at];
}
