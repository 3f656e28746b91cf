// A word of one signed integer.
const PER_WORD: u32 = 1u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  return bitcast<u32>(i32(values[0]));
}
