// A word of four signed integers; what is beyond their range becomes its end.
const PER_WORD: u32 = 4u;

fn packY(values: array<Value, PER_WORD>) -> u32 {
  return pack4xI8Clamp(vec4<i32>(i32(values[0]), i32(values[1]), i32(values[2]), i32(values[3])));
}
