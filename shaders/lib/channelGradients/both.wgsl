// Stores the gradients of a channel's scale and bias.
//
// Expects: Elem. Declares bindings 2 and 3.
@group(0) @binding(2) var<storage, read_write> dScale: array<Elem>;
@group(0) @binding(3) var<storage, read_write> dBias: array<Elem>;

fn storeGradients(channel: u32, sums: vec2<f32>) {
  dScale[channel] = Elem(sums.x);
  dBias[channel] = Elem(sums.y);
}
