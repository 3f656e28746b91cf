// Quantised weights b of 4 bits, eight to a word, the first in the lowest bits: neighbours along k, before scaling.
//
// Expects: integersFrom.
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;

// Weights in a vector.
const PIECE: u32 = 32u;

fn lowest4(word: u32, zero: f32) -> vec4<f32> {
  return integersFrom(zero, (vec4<u32>(word) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(15u));
}

fn eightOf(word: u32, zero: f32) -> mat2x4<f32> {
  return mat2x4<f32>(lowest4(word, zero), lowest4(word >> 16u, zero));
}

// The part-th eight weights of a vector. Its word is chosen by comparison: where the loop over the parts is not unrolled, an
// index would send the vector through memory.
fn pieceWeights8(words: vec4<u32>, part: u32, zero: f32) -> mat2x4<f32> {
  let pair = select(words.xy, words.zw, part >= 2u);
  return eightOf(select(pair.x, pair.y, part % 2u == 1u), zero);
}

// Weights `offset` to `offset` + 7, for a multiple of 8.
fn weights8(offset: u32, zero: f32) -> mat2x4<f32> {
  return eightOf(b[offset / PIECE][offset % PIECE / 8u], zero);
}

// Weights `offset` to `offset` + 3, for a multiple of 4.
fn weights4(offset: u32, zero: f32) -> vec4<f32> {
  return lowest4(b[offset / PIECE][offset % PIECE / 8u] >> (offset % 8u * 4u), zero);
}
