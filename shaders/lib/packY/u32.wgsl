// A word of one unsigned integer.
const PER_WORD: u32 = 1u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  return u32(values[0]);
}
