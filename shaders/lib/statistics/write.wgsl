// As read.wgsl, for the pass that makes them.
@group(0) @binding(5) var<storage, read_write> statistics: array<vec2<u32>>;

fn storeStatistic(at: u32, statistic: vec2<f32>) {
  statistics[at] = bitcast<vec2<u32>>(statistic);
}
