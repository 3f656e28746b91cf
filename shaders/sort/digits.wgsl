// Counts of the 16 digits that four bits of a key can be, two in a word: digit d is in word d % 8, in the upper half from
// 8 on. So words can be added, as long as no count exceeds 65535.
//
// Expects: Params (params.wgsl).

const DIGITS: u32 = 16u;

struct Counts {
  low: vec4<u32>,
  high: vec4<u32>,
}

fn digitOf(pair: vec2<u32>) -> u32 {
  return (pair.x >> params.shift) & 15u;
}

fn addDigit(counts: Counts, digit: u32) -> Counts {
  let one = vec4<u32>(select(1u, 0x10000u, digit >= 8u));
  let word = vec4<u32>(digit & 7u);
  return Counts(
    counts.low + select(vec4<u32>(), one, word == vec4<u32>(0u, 1u, 2u, 3u)),
    counts.high + select(vec4<u32>(), one, word == vec4<u32>(4u, 5u, 6u, 7u)),
  );
}

fn countOf(counts: Counts, digit: u32) -> u32 {
  let words = select(counts.low, counts.high, (digit & 4u) != 0u);
  let pairs = select(words.xy, words.zw, (digit & 2u) != 0u);
  let word = select(pairs.x, pairs.y, (digit & 1u) != 0u);
  return select(word & 0xffffu, word >> 16u, digit >= 8u);
}
