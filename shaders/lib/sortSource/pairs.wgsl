// A pair that an earlier pass left.
//
// Expects: Params (sort/params.wgsl). Declares binding 1.
@group(0) @binding(1) var<storage, read> given: array<vec2<u32>>;

fn pairAt(row: u32, i: u32) -> vec2<u32> {
  return given[row * params.pairs + i];
}
