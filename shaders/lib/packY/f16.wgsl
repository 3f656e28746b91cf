// A word of two floats in half precision.
const PER_WORD: u32 = 2u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  return bitcast<u32>(vec2<f16>(f16(values[0]), f16(values[1])));
}
