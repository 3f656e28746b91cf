// 16 bytes of a tensor as the numbers that they hold: two quads of f16, widened to f32.
const PACK: u32 = 8u;

fn quadAt(bytes: vec4<u32>, quad: u32) -> vec4<f32> {
  return vec4<f32>(bitcast<vec4<f16>>(select(bytes.xy, bytes.zw, quad == 1u)));
}
