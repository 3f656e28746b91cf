// What a task of a scan starts from where a slice of x is bound: the segment's elements of earlier slices, if it has any. Of a border
// between two slices there is a state for each column of the one segment that lies across it, and borders take turns in two places: a
// slice has no more than two.
//
// Expects: Params (scan/params.wgsl), offsets (lib/lines/segments), an operator (lib/reduce). Declares binding 4.
@group(0) @binding(4) var<storage, read_write> borders: array<State>;

fn firstCarry(task: u32) -> State {
  if (crosses(task, params.first + select(0u, params.length, params.reverse == 1u))) {
    return borders[(params.slice + 1u) % 2u * params.inner + task % params.inner];
  }
  return identity();
}

// Whether the segment has elements on both sides of the border before an element.
fn crosses(task: u32, border: u32) -> bool {
  let segment = task / params.inner;
  return offsets[segment] < border && border < offsets[segment + 1u];
}
