// What a task of a scan starts from where a slice of x is bound: the segment's elements of earlier slices, if it has any. Of each
// border between two slices, in the order of the scan, there is a state for each column of the one segment that lies across it.
//
// Expects: Params (scan/params.wgsl), offsets (lib/lines/segments), an operator (lib/reduce). Declares binding 4.
@group(0) @binding(4) var<storage, read_write> borders: array<State>;

fn firstCarry(task: u32) -> State {
  if (crosses(task, params.first + select(0u, params.length, params.reverse == 1u))) {
    return borders[(params.slice - 1u) * params.inner + task % params.inner];
  }
  return identity();
}

// Whether the segment has elements on both sides of the border before an element.
fn crosses(task: u32, border: u32) -> bool {
  let segment = task / params.inner;
  return offsets[segment] < border && border < offsets[segment + 1u];
}
