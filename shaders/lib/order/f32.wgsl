// Floats as unsigned integers that sort alike, with every NaN above all numbers: taking the larger of two keys then
// lets NaN through, which WGSL's max need not. Negative floats are reversed by flipping their bits below the sign, and
// the subtraction moves -inf to 0, so that NaNs with the sign set wrap around to the top. SMALLEST negates the numbers
// first, so that the largest key is the smallest number, and NaN still.
//
// Expects: SMALLEST.

const NEGATION: u32 = select(0u, 0x80000000u, SMALLEST);
const KEY_OF_INFINITY: u32 = 0x807fffffu;
// Keys of -0, next to that of +0, and of +inf.
const KEY_BELOW_ZERO: u32 = 0x7f800000u;
const LARGEST_KEY_OF_NUMBER: u32 = 0xff000001u;

fn flipNegative(bits: u32) -> u32 {
  return bits ^ (bitcast<u32>(bitcast<i32>(bits) >> 31u) & 0x7fffffffu);
}

fn orderKey(x: f32) -> u32 {
  return flipNegative(bitcast<u32>(x) ^ NEGATION) - KEY_OF_INFINITY;
}

// The same, with -0 equal to +0, and all NaNs equal, whatever their bits: looked for among keys, since compilers that see a float
// looked at may do it in its own width, which processors lack for halves.
fn rankKey(x: f32) -> u32 {
  let key = orderKey(x);
  return select(key + u32(key == KEY_BELOW_ZERO), 0xffffffffu, key > LARGEST_KEY_OF_NUMBER);
}

fn fromOrderKey(key: u32) -> f32 {
  return bitcast<f32>(flipNegative(key + KEY_OF_INFINITY) ^ NEGATION);
}
