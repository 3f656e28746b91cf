// Operand a of a product, one half at a time: for lines of any length.
@group(0) @binding(1) var<storage, read> a: array<f16>;

// Elements `offset` to `offset` + 7, of which the first `count` exist, two to a word; zeros for the rest.
fn loadA8(offset: u32, count: u32) -> vec4<u32> {
  var words = vec4<u32>();
  for (var pair = 0u; pair < 4u; pair++) {
    var halves = vec2<f16>();
    if (2u * pair < count) {
      halves.x = a[offset + 2u * pair];
    }
    if (2u * pair + 1u < count) {
      halves.y = a[offset + 2u * pair + 1u];
    }
    words[pair] = bitcast<u32>(halves);
  }
  return words;
}
