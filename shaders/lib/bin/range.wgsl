// The bin of a float, of as many bins of equal width as there are between low and high, both included; numbers outside
// and NaN have the bin past the last. One subtraction and one multiplication, each rounded to f32.
//
// Expects: Params (histogram/params.wgsl).
fn binOf(element: Elem) -> u32 {
  let x = f32(element);
  let bin = min(u32((x - params.low) * params.scale), params.bins - 1u);
  return select(params.bins, bin, x >= params.low && x <= params.high);
}
