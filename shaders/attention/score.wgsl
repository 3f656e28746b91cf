// From the product of a query and a key to its score, in units of log2(e): scaled, capped, biased, masked, in this order
// (ONNX Attention, opset 23).
//
// Expects: SOFTCAP; Params (params.wgsl), Sequence, queryPosition (range.wgsl), LOWEST, LOG2E (softmax.wgsl), biased, masked,
// isAbsent.

// Whether keys within a query's range may be hidden.
const HIDES_KEYS: bool = HAS_MASK || HAS_ABSENT;

// A query of a head.
struct Row {
  batch: u32,
  head: u32,
  query: u32,
  // The key at which the query stands.
  position: i32,
}

fn rowOf(sequence: Sequence, batch: u32, head: u32, query: u32) -> Row {
  return Row(batch, head, query, queryPosition(sequence, query));
}

// tanh(x). The built-in function may be off by 1e-5; exp2 is accurate to a few units in the last place.
fn hyperbolicTangent(x: f32) -> f32 {
  let e = exp2(-2.0 * LOG2E * abs(x));
  let tangent = (1.0 - e) / (1.0 + e);
  return select(tangent, -tangent, x < 0.0);
}

// The derivative of the score by the scaled product.
fn slopeOf(product: f32) -> f32 {
  if (!SOFTCAP) {
    return 1.0;
  }
  let tangent = hyperbolicTangent(product * params.scaleLog2 / params.capLog2);
  return 1.0 - tangent * tangent;
}

// The score; LOWEST where the mask hides the key, or another slice has it.
fn scoreOf(product: f32, row: Row, key: u32) -> f32 {
  if (HAS_ABSENT && isAbsent(row.batch, key)) {
    return LOWEST;
  }
  var score = product * params.scaleLog2;
  if (SOFTCAP) {
    score = params.capLog2 * hyperbolicTangent(score / params.capLog2);
  }
  return masked(biased(score, row, key), row, key);
}
