// Mean of a row that is kept and the sum of squared distances from it, one after the other, since the second costs no reading.
//
// Expects: LANES; CENTERED, whether the mean is taken off; itemCount, firstItem and laterItem (lib/rowCache); valuesOf(item) and
// rowSum(values, invocation), which the kernel defines.
struct Moments {
  // 0 where none is taken off.
  mean: f32,
  squares: f32,
}

fn rowMoments(first: vec4<u32>, length: u32, end: u32, invocation: Invocation) -> Moments {
  let count = itemCount(length);
  // Where nothing needs the sum, the pass is only there to keep the row.
  var sums = vec4<f32>();
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    sums += select(vec4<f32>(), valuesOf(firstItem(item, at, end)), at < vec4<u32>(end));
  }
  var mean = 0.0;
  if (CENTERED) {
    mean = rowSum(sums, invocation) / f32(length);
  }
  var squares = vec4<f32>();
  for (var item = 0u; item < count; item++) {
    let at = first + item * 4u * LANES;
    let distance = select(vec4<f32>(), valuesOf(laterItem(item, at, end)) - mean, at < vec4<u32>(end));
    squares += distance * distance;
  }
  return Moments(mean, rowSum(squares, invocation));
}
