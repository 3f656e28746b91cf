// Integers as unsigned ones that sort alike, or in reverse for SMALLEST.
//
// Expects: SMALLEST.

const FLIPPED: u32 = select(0x80000000u, 0x7fffffffu, SMALLEST);

fn orderKey(x: i32) -> u32 {
  return bitcast<u32>(x) ^ FLIPPED;
}

fn rankKey(x: i32) -> u32 {
  return orderKey(x);
}

fn fromOrderKey(key: u32) -> i32 {
  return bitcast<i32>(key ^ FLIPPED);
}
