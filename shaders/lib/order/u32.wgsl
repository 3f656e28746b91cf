// Unsigned integers that sort as they are, or in reverse for SMALLEST.
//
// Expects: SMALLEST.

const FLIPPED: u32 = select(0u, 0xffffffffu, SMALLEST);

fn orderKey(x: u32) -> u32 {
  return x ^ FLIPPED;
}

fn rankKey(x: u32) -> u32 {
  return orderKey(x);
}

fn fromOrderKey(key: u32) -> u32 {
  return key ^ FLIPPED;
}
