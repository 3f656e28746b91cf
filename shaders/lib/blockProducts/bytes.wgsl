// 4 x 4 integers of 8 bits of an operand as they are multiplied: one line of four words, of which each is four elements along k,
// so that one instruction adds four products to a sum.
//
// Expects: dot4 (lib/dot4), transposeBytes.
const LINES_PER_BLOCK: u32 = 1u;
alias Loaded = vec4<u32>;
alias Across = vec4<u32>;
alias Block = array<Across, LINES_PER_BLOCK>;
alias Sums = array<vec4<i32>, 4>;

// The block of four lines of memory.
fn blockOf(lines: Loaded, alongK: bool) -> Block {
  if (alongK) {
    return Block(lines);
  }
  return Block(transposeBytes(lines));
}

fn dots(a: u32, b: Across) -> vec4<i32> {
  return vec4<i32>(dot4(a, b.x), dot4(a, b.y), dot4(a, b.z), dot4(a, b.w));
}

// A row of four elements along k by a block, added to four sums along n.
fn addRow(sums: vec4<i32>, a: u32, b: Block) -> vec4<i32> {
  return sums + dots(a, b[0]);
}

// The products of four rows of a and four columns of b, added to 4 x 4 sums, four along n for each of four along m.
fn addOuter(sums: Sums, a: Across, b: Across) -> Sums {
  return Sums(
    sums[0] + dots(a.x, b),
    sums[1] + dots(a.y, b),
    sums[2] + dots(a.z, b),
    sums[3] + dots(a.w, b),
  );
}
