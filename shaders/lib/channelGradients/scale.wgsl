// Stores the gradient of a channel's scale.
//
// Expects: Elem. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> dScale: array<Elem>;

fn storeGradients(channel: u32, sums: vec2<f32>) {
  dScale[channel] = Elem(sums.x);
}
