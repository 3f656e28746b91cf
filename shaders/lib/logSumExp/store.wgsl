// The logarithm of each row's sum of exponentials, -infinity for a row that saw nothing.
@group(0) @binding(5) var<storage, read_write> logSumExp: array<f32>;

fn storeLogSumExp(at: u32, value: f32) {
  logSumExp[at] = value;
}
