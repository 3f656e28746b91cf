// The scores of sinks, in a buffer of their own.
@group(0) @binding(8) var<storage, read> sinks: array<f32>;

fn sinkAt(index: u32) -> f32 {
  return sinks[params.sinksAt + index];
}
