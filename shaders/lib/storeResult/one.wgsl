// Stores what becomes of a result's state.
//
// Expects: Out, finish. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> y: array<Out>;

fn storeResult(o: u32, state: State, count: u32, divisor: f32) {
  y[o] = finish(state, count, divisor);
}
