// A word of one float.
const PER_WORD: u32 = 1u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  return bitcast<u32>(f32(values[0]));
}
