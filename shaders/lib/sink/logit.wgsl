// A score of each head that belongs to no key; it takes its share of the weights, and gives no value.
//
// Expects: sinkAt.

const HAS_SINK: bool = true;

fn sinkOf(head: u32) -> f32 {
  return sinkAt(head) * LOG2E;
}
