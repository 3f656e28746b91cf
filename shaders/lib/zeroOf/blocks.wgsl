// The code that stands for 0, one a block, packed as the weights' codes are.
//
// Expects: BITS, of a code.
@group(0) @binding(8) var<storage, read> zeroPoints: array<u32>;

const ZEROS_PER_WORD: u32 = 32u / BITS;

fn zeroOf(block: u32) -> f32 {
  let word = zeroPoints[block / ZEROS_PER_WORD];
  return f32(extractBits(word, block % ZEROS_PER_WORD * BITS, BITS));
}
