// The counterpart of quad/scalar.wgsl: those of four numbers that are wanted, to any positions of y.
//
// Expects: Elem, Acc. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> y: array<Elem>;

fn storeQuad(at: vec4<u32>, wanted: vec4<bool>, values: vec4<Acc>) {
  if (wanted.x) {
    y[at.x] = Elem(values.x);
  }
  if (wanted.y) {
    y[at.y] = Elem(values.y);
  }
  if (wanted.z) {
    y[at.z] = Elem(values.z);
  }
  if (wanted.w) {
    y[at.w] = Elem(values.w);
  }
}
