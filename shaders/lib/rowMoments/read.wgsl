// The counterpart of kept.wgsl for rows of any length, which may be 0, read once for both: each component of each lane has a mean of
// its own, and squares of distances from that, with which four elements at a time are combined as in lib/reduce/moments.
//
// Expects: LANES; CENTERED, whether the mean is taken off; loadItem(at, end), valuesOf(item) and rowSum(values, invocation), which the
// kernel defines.
struct Moments {
  // 0 where none is taken off.
  mean: f32,
  squares: f32,
}

const STRETCH: u32 = 16u * LANES;

fn rowMoments(first: vec4<u32>, length: u32, end: u32, invocation: Invocation) -> Moments {
  var means = vec4<f32>();
  var squares = vec4<f32>();
  let stretches = length / STRETCH;
  for (var i = 0u; i < stretches; i++) {
    let at = first + i * STRETCH;
    let a = valuesOf(loadItem(at, end)) - means;
    let b = valuesOf(loadItem(at + 4u * LANES, end)) - means;
    let c = valuesOf(loadItem(at + 8u * LANES, end)) - means;
    let d = valuesOf(loadItem(at + 12u * LANES, end)) - means;
    if (CENTERED) {
      let distance = ((a + b) + (c + d)) * 0.25;
      let share = 1.0 / f32(i + 1u);
      squares += squaresOf(a - distance, b - distance, c - distance, d - distance) +
        distance * distance * (f32(4u * i) * share);
      means += distance * share;
    } else {
      squares += squaresOf(a, b, c, d);
    }
  }
  var counts = vec4<f32>(f32(4u * stretches));
  for (var offset = stretches * STRETCH; offset < length; offset += 4u * LANES) {
    let at = first + offset;
    let valid = at < vec4<u32>(end);
    let distance = valuesOf(loadItem(at, end)) - means;
    if (CENTERED) {
      let share = 1.0 / (counts + 1.0);
      squares = select(squares, squares + distance * distance * (counts * share), valid);
      means = select(means, means + distance * share, valid);
      counts = select(counts, counts + 1.0, valid);
    } else {
      squares = select(squares, squares + distance * distance, valid);
    }
  }
  if (!CENTERED) {
    return Moments(0.0, rowSum(squares, invocation));
  }
  let mean = rowSum(means * counts, invocation) / f32(max(length, 1u));
  let distance = means - mean;
  return Moments(mean, rowSum(squares + distance * distance * counts, invocation));
}

fn squaresOf(a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>) -> vec4<f32> {
  return (a * a + b * b) + (c * c + d * d);
}
