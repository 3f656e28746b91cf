// No sink.
const HAS_SINK: bool = false;

fn sinkOf(head: u32) -> f32 {
  return LOWEST;
}
