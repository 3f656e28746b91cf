// Sums of eight columns, to which four lines of b are added, each times a number of a, for integers of 8 bits, four to a word.
// Turned by 90 degrees, the four numbers of a column are a word too.
//
// Expects: dot4 (lib/dot4), transposeBytes.
alias Sums8 = array<vec4<i32>, 2>;

fn dots(a: u32, columns: vec4<u32>) -> vec4<i32> {
  return vec4<i32>(dot4(a, columns.x), dot4(a, columns.y), dot4(a, columns.z), dot4(a, columns.w));
}

fn addLines(sums: Sums8, a: u32, b0: vec2<u32>, b1: vec2<u32>, b2: vec2<u32>, b3: vec2<u32>) -> Sums8 {
  return Sums8(
    sums[0] + dots(a, transposeBytes(vec4<u32>(b0.x, b1.x, b2.x, b3.x))),
    sums[1] + dots(a, transposeBytes(vec4<u32>(b0.y, b1.y, b2.y, b3.y))),
  );
}
