// A word of two floats of type bf16, the upper halves of floats, rounded to nearest, ties to even; NaN stays quiet.
const PER_WORD: u32 = 2u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  let bits = bitcast<vec2<u32>>(vec2<f32>(f32(values[0]), f32(values[1])));
  let rounded = (bits + 0x7fffu + ((bits >> vec2<u32>(16u)) & vec2<u32>(1u))) >> vec2<u32>(16u);
  let quiet = (bits >> vec2<u32>(16u)) | vec2<u32>(0x40u);
  let nan = (bits & vec2<u32>(0x7fffffffu)) > vec2<u32>(0x7f800000u);
  let halves = select(rounded, quiet, nan);
  return halves.x | (halves.y << 16u);
}
