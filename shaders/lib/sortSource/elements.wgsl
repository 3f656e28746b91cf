// The pair of an element of x: its key and its position in its row.
//
// Expects: Elem; Key, the type that is ordered; Params (sort/params.wgsl), rankKey (lib/order). Declares binding 1.
@group(0) @binding(1) var<storage, read> x: array<Elem>;

fn pairAt(row: u32, i: u32) -> vec2<u32> {
  let start = (params.firstOuter + row / params.inner) * (params.length * params.inner) + row % params.inner;
  return vec2<u32>(rankKey(Key(x[start + i * params.inner])) ^ params.flip, i);
}
