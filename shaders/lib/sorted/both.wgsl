// What a sort leaves behind: elements in order, and where each of them was. The elements are those of x, or of another
// tensor of its shape.
//
// Expects: Payload; Params (sort/params.wgsl). Declares bindings 2, 3 and 4.
@group(0) @binding(2) var<storage, read> payload: array<Payload>;
@group(0) @binding(3) var<storage, read_write> values: array<Payload>;
@group(0) @binding(4) var<storage, read_write> indices: array<u32>;

fn storeSorted(row: u32, rank: u32, pair: vec2<u32>) {
  let outer = (params.firstOuter + row / params.inner) * params.inner;
  let inner = row % params.inner;
  let at = outer * params.count + rank * params.inner + inner;
  values[at] = payload[outer * params.length + pair.y * params.inner + inner];
  indices[at] = params.firstPosition + pair.y;
}
