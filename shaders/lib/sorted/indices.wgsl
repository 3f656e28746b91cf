// What a sort leaves behind: where each element of the order was.
//
// Expects: Params (sort/params.wgsl). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;

fn storeSorted(row: u32, rank: u32, pair: vec2<u32>) {
  let outer = (params.firstOuter + row / params.inner) * params.inner;
  indices[outer * params.count + rank * params.inner + row % params.inner] = params.firstPosition + pair.y;
}
