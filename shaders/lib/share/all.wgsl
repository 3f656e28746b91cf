// The plain case: a kernel makes all elements of its product, and its sums are what they are.
//
// Expects: Total, f32 or i32; Tile (lib/tile).

// Whether a tile of `height` rows and `width` columns has anything for this kernel to make.
fn takesAny(tile: Tile, height: u32, width: u32) -> bool {
  return true;
}

// Whether elements (i, j) to (i, j + 3) are this kernel's to make.
fn takes(tile: Tile, i: u32, j: u32) -> bool {
  return true;
}

// Sums of products of parts, by what these are worth: there is one part.
fn weigh4(worth: u32, sums: vec4<Total>) -> vec4<Total> {
  return sums;
}

// The sums that belong to what the kernel added up.
fn rescale4(tile: Tile, i: u32, j: u32, sums: vec4<Total>) -> vec4<Total> {
  return sums;
}
