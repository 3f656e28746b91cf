// Elements p and p + pairs are rotated together.
@group(0) @binding(5) var<storage, read> cosines: array<f32>;
@group(0) @binding(6) var<storage, read> sines: array<f32>;

struct Pair {
  number: u32,
  partner: u32,
}

fn pairOf(d: u32) -> Pair {
  if (d < params.pairs) {
    return Pair(d, d + params.pairs);
  }
  return Pair(d - params.pairs, d - params.pairs);
}

fn angleOf(at: u32) -> vec2<f32> {
  return vec2<f32>(cosines[at], sines[at]);
}
