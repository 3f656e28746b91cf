// The counterpart of quad/aligned.wgsl: four numbers to neighbouring positions of y. All four are wanted, or none.
//
// Expects: Elem, Acc. Declares binding 2.
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Elem>>;

fn storeQuad(at: vec4<u32>, wanted: vec4<bool>, values: vec4<Acc>) {
  if (wanted.x) {
    y[at.x / 4u] = vec4<Elem>(values);
  }
}
