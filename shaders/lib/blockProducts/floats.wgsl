// 4 x 4 elements of an operand as they are multiplied: four lines of four, of which each is one element along k.
//
// Expects: Sum, f32 or f16.
const LINES_PER_BLOCK: u32 = 4u;
alias Loaded = mat4x4<f32>;
alias Across = vec4<Sum>;
alias Block = mat4x4<Sum>;
alias Sums = mat4x4<Sum>;

// The block of four lines of memory.
fn blockOf(lines: Loaded, alongK: bool) -> Block {
  if (alongK) {
    return Block(transpose(lines));
  }
  return Block(lines);
}

// A row of four elements along k by a block, added to four sums along n.
fn addRow(sums: Across, a: vec4<f32>, b: Block) -> Across {
  var next = fma(Across(Sum(a.x)), b[0], sums);
  next = fma(Across(Sum(a.y)), b[1], next);
  next = fma(Across(Sum(a.z)), b[2], next);
  return fma(Across(Sum(a.w)), b[3], next);
}

// The outer product of a line of a and one of b, added to 4 x 4 sums, four along n for each of four along m.
fn addOuter(sums: Sums, a: Across, b: Across) -> Sums {
  return Sums(
    fma(Across(a.x), b, sums[0]),
    fma(Across(a.y), b, sums[1]),
    fma(Across(a.z), b, sums[2]),
    fma(Across(a.w), b, sums[3]),
  );
}
