// A product of operands that were split into parts of half precision: only of rows and columns that could be split, and in
// numbers that were scaled.
//
// Expects: Tile (lib/tile), exponents4 and wereSplit (lib/exponents.wgsl).

// Whether elements (i, j) to (i, j + 3) are this kernel's to make.
fn takes(tile: Tile, i: u32, j: u32) -> bool {
  return wereSplit(exponents4(tile, i, j));
}

// Sums of products of parts, by what these are worth: 2^-12 for each part that is not the first.
fn weigh4(worth: u32, sums: vec4<f32>) -> vec4<f32> {
  return sums * bitcast<f32>((127u - 12u * worth) << 23u);
}

// 2^exponent, for exponents of -126 to 127.
fn powerOfTwo4(exponents: vec4<i32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(exponents + vec4<i32>(127)) << vec4<u32>(23u));
}

// Sums of scaled numbers, scaled back. In two steps, since an exponent may be twice that of any f32; beyond 252 everything
// but 0 overflows, and below -252 everything vanishes.
fn rescale4(tile: Tile, i: u32, j: u32, sums: vec4<f32>) -> vec4<f32> {
  let exponents = clamp(exponents4(tile, i, j), vec4<i32>(-252), vec4<i32>(252));
  let half = exponents / vec4<i32>(2);
  return sums * powerOfTwo4(half) * powerOfTwo4(exponents - half);
}
