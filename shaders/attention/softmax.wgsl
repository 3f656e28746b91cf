// Softmax over keys that arrive one after the other (Milakov and Gimelshein 2018, arXiv:1805.02867). With the largest
// score so far, m, a row keeps l = sum of 2^(s - m) and o = sum of 2^(s - m) v; when m grows to m', both are
// multiplied by 2^(m - m'). The result is o / l.
//
// Expects: HAS_SINK and sinkOf, storeLogSumExp.

const LOG2E: f32 = 1.4426950408889634;

// Where m begins, and the score of a hidden key: the lowest finite number, so that no difference of two is NaN.
const LOWEST: f32 = -0x1.fffffep+127f;

// Whether a key has no influence on a row, whatever its value: it is hidden, or its score is -infinity. NaN is not.
fn isHidden(score: f32) -> bool {
  return score <= LOWEST;
}

// The weight of a key for a row whose largest score is `maximum`.
fn weightOf(score: f32, maximum: f32) -> f32 {
  return select(exp2(score - maximum), 0.0, isHidden(score));
}

// 1 / l, and exactly zero for a row that saw no key. A NaN stays one.
fn normaliser(l: f32) -> f32 {
  if (l == 0.0) {
    return 0.0;
  }
  return 1.0 / l;
}

// Ends a row: adds its head's sink, stores its logSumExp at element `at`, and returns what its o is to be multiplied by.
fn finishRow(maximum: f32, sum: f32, head: u32, at: u32) -> f32 {
  var grown = maximum;
  var total = sum;
  var correction = 1.0;
  if (HAS_SINK) {
    let sink = sinkOf(head);
    grown = max(maximum, sink);
    correction = exp2(maximum - grown);
    total = sum * correction + exp2(sink - grown);
  }
  // Of a row that saw nothing `grown` is the lowest number or below, and twice that is -infinity; log2(0) is not, on every adapter.
  storeLogSumExp(at, select((grown + log2(total)) / LOG2E, grown + LOWEST, total == 0.0));
  return correction * normaliser(total);
}
