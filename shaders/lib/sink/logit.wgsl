// A score of each head that belongs to no key; it takes its share of the weights, and gives no value.
@group(0) @binding(8) var<storage, read> sinks: array<f32>;

const HAS_SINK: bool = true;

fn sinkOf(head: u32) -> f32 {
  return sinks[head] * LOG2E;
}
