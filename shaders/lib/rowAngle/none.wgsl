// No rotation.
struct Pair {
  number: u32,
  partner: u32,
}

fn pairOf(d: u32) -> Pair {
  return Pair(0u, d);
}

fn angleOf(at: u32) -> vec2<f32> {
  return vec2<f32>(1.0, 0.0);
}
