// Softmax over keys that arrive one after the other (Milakov and Gimelshein 2018, arXiv:1805.02867). With the largest
// score so far, m, a row keeps l = sum of 2^(s - m) and o = sum of 2^(s - m) v; when m grows to m', both are
// multiplied by 2^(m - m'). The result is o / l.

// Where m begins: below every score, yet finite, so that no difference of two maxima is NaN.
const LOWEST: f32 = -0x1.fffffep+127f;

// o / l for a row that saw keys, exactly zero for one that saw none. A NaN in l stays one.
fn normalised(o: f32, l: f32) -> f32 {
  if (l == 0.0) {
    return 0.0;
  }
  return o / l;
}
