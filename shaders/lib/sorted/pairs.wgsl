// What a pass of a sort leaves behind for another: the first pairs of each task.
//
// Expects: Params (sort/params.wgsl). Declares binding 2.
@group(0) @binding(2) var<storage, read_write> chosen: array<vec2<u32>>;

fn storeSorted(task: u32, rank: u32, pair: vec2<u32>) {
  chosen[task * params.count + rank] = pair;
}
