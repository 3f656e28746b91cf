// What a compaction keeps of an element: where it was among all. Places are those of y that are bound.
//
// Expects: Params (compact/params.wgsl). Declares binding 3.
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

fn keep(to: u32, i: u32) {
  y[to] = params.first + i;
}

fn keepNothing(to: u32) {
  y[to] = 0u;
}
