// Quantised weights b of 8 bits, four to a word, the first in the lowest bits: neighbours along k, before scaling.
//
// Expects: decodeByte4.
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;

// Weights in a vector.
const PIECE: u32 = 16u;

// The part-th eight weights of a vector. Its words are chosen by comparison: where the loop over the parts is not unrolled,
// an index would send the vector through memory.
fn pieceWeights8(words: vec4<u32>, part: u32, zero: f32) -> mat2x4<f32> {
  let pair = select(words.xy, words.zw, part == 1u);
  return mat2x4<f32>(decodeByte4(pair.x, zero), decodeByte4(pair.y, zero));
}

// Weights `offset` to `offset` + 3, for a multiple of 4.
fn weights4(offset: u32, zero: f32) -> vec4<f32> {
  return decodeByte4(b[offset / PIECE][offset % PIECE / 4u], zero);
}

// Weights `offset` to `offset` + 7, for a multiple of 8.
fn weights8(offset: u32, zero: f32) -> mat2x4<f32> {
  return mat2x4<f32>(weights4(offset, zero), weights4(offset + 4u, zero));
}
