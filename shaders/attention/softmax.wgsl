// Softmax over keys that arrive one after the other (Milakov and Gimelshein 2018, arXiv:1805.02867). With the largest
// score so far, m, a row keeps l = sum of 2^(s - m) and o = sum of 2^(s - m) v; when m grows to m', both are
// multiplied by 2^(m - m'). The result is o / l.

// Where m begins: the lowest finite number, so that no difference of two maxima is NaN.
const LOWEST: f32 = -0x1.fffffep+127f;

// What o is multiplied by at the end: 1 / l, and exactly zero for a row that saw no key. A NaN stays one.
fn normaliser(l: f32) -> f32 {
  if (l == 0.0) {
    return 0.0;
  }
  return 1.0 / l;
}
