// 16 bytes of a tensor as the numbers that they hold: one quad of 32 bits each.
const PACK: u32 = 4u;

fn quadAt(bytes: vec4<u32>, quad: u32) -> vec4<Acc> {
  return bitcast<vec4<Acc>>(bytes);
}
