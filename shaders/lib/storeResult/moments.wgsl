// Stores the mean and the variance of moments (reduce/moments.wgsl).
//
// Expects: Out, finish for the variance. Declares bindings 2 and 3.
@group(0) @binding(2) var<storage, read_write> means: array<Out>;
@group(0) @binding(3) var<storage, read_write> variances: array<Out>;

fn storeResult(o: u32, state: State, count: u32, divisor: f32) {
  means[o] = Out(meanOf(state));
  variances[o] = finish(state, count, divisor);
}
